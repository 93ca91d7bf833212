namespace MrfAd.Agent.Capture;

/// <summary>What makes a camera take a frame.</summary>
public enum TriggerMode
{
    /// <summary>The station's <c>cmd/trigger</c> topic.</summary>
    Mqtt,

    /// <summary>A clock.</summary>
    Interval,

    /// <summary>Every frame is its own trigger, taken as fast as it can be inspected.</summary>
    FreeRun,
}
