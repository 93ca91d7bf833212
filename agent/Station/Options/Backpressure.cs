namespace MrfAd.Station.Options;

/// <summary>Decides which frames are inspected when they arrive faster than they can be inspected.</summary>
public enum Backpressure
{
    /// <summary>Every frame is a trigger and gets a verdict; a frame that finds the queue full gets INVALID.</summary>
    Every,

    /// <summary>The newest frame is inspected as soon as the queue has room; the frames that it overtook are counted and get no verdict.</summary>
    Latest,
}
