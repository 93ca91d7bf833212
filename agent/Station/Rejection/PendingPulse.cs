namespace MrfAd.Station.Rejection;

/// <summary>A part that waits for its pulse.</summary>
/// <param name="Seq">The number of its trigger.</param>
/// <param name="Triggered">The moment of its trigger, since the output was opened.</param>
/// <param name="Due">The moment at which the part is at the reject station, on the same scale.</param>
public readonly record struct PendingPulse(long Seq, TimeSpan Triggered, TimeSpan Due);
