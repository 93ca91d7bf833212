namespace MrfAd.Station.Results;

/// <summary>How far a message to the broker is; stored as a number.</summary>
public enum Delivery
{
    /// <summary>It waits for the broker, or for its acknowledgement.</summary>
    Waiting = 0,

    /// <summary>The broker has acknowledged it.</summary>
    Acknowledged = 1,

    /// <summary>It will never be sent; the drop counts say why.</summary>
    Dropped = 2,
}
