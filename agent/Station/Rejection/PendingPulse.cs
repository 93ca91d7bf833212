namespace MrfAd.Station.Rejection;

/// <summary>A part that waits for its pulse.</summary>
/// <param name="Seq">The number of the part's trigger.</param>
/// <param name="Triggered">The moment of the part's trigger, measured from the opening of the output.</param>
/// <param name="Due">The moment at which the part is at the reject station, on the same scale.</param>
public readonly record struct PendingPulse(long Seq, TimeSpan Triggered, TimeSpan Due);
