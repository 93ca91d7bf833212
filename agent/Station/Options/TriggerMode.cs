namespace MrfAd.Station.Options;

/// <summary>The sources of triggers: each makes a camera take a frame.</summary>
public enum TriggerMode
{
    /// <summary>A message on the station's topic <c>cmd/trigger</c>.</summary>
    Mqtt,

    /// <summary>A request <c>POST /inspect?camera=NAME</c>, which is answered with the verdict.</summary>
    Http,

    /// <summary>A rising edge on the GPIO line <see cref="CameraOptions.TriggerLine"/>.</summary>
    Gpio,

    /// <summary>An input line of the camera itself (gige: and usb3:); each frame that it takes is a trigger.</summary>
    Line,

    /// <summary>A timer with the period <see cref="CameraOptions.Interval"/>.</summary>
    Interval,

    /// <summary>The camera runs freely: every frame that is taken is a trigger, as fast as frames can be inspected.</summary>
    FreeRun,
}
