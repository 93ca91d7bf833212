namespace MrfAd.Station.Options;

/// <summary>What makes a camera take a frame.</summary>
public enum TriggerMode
{
    /// <summary>The station's <c>cmd/trigger</c> topic.</summary>
    Mqtt,

    /// <summary><c>POST /inspect?camera=NAME</c>, answered with the verdict.</summary>
    Http,

    /// <summary>An edge on a GPIO line, <see cref="CameraOptions.TriggerLine"/>.</summary>
    Gpio,

    /// <summary>A line of the camera itself; each frame it takes is a trigger (gige: and usb3:).</summary>
    Line,

    /// <summary>A clock.</summary>
    Interval,

    /// <summary>Every frame is its own trigger, taken as fast as it can be inspected.</summary>
    FreeRun,
}
