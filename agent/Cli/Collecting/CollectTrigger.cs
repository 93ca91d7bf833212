namespace MrfAd.Cli.Collecting;

/// <summary>What makes a camera take a picture for a collection.</summary>
public enum CollectTrigger
{
    /// <summary>A key on the terminal; where standard input is no terminal, each line of it.</summary>
    Key,

    /// <summary>A timer.</summary>
    Interval,

    /// <summary>Every frame that the camera delivers.</summary>
    FreeRun,

    /// <summary>The camera's own trigger input.</summary>
    Line,

    /// <summary>A rising edge on a GPIO line.</summary>
    Gpio,

    /// <summary>A request <c>POST /inspect</c>, with the image where the source is <c>http:</c>.</summary>
    Http,

    /// <summary>A message: the station's <c>cmd/trigger</c>, or the image where the source is <c>mqtt:</c>.</summary>
    Mqtt,
}
