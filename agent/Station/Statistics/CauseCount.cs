using System.ComponentModel;

namespace MrfAd.Station.Statistics;

/// <summary>How often one cause made parts INVALID or TIMEOUT.</summary>
public sealed record CauseCount([property: Description("INVALID or TIMEOUT")] string Verdict, string Cause, long Count);
