namespace MrfAd.Station.Options;

/// <summary>What happens to frames that come faster than they can be inspected.</summary>
public enum Backpressure
{
    /// <summary>Each is a trigger and gets its verdict; one that finds the queue full gets INVALID.</summary>
    Every,

    /// <summary>When there is room the newest is taken; those it overtook are counted, and have no verdict.</summary>
    Latest,
}
