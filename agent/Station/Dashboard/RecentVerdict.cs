using MrfAd.Contracts;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Dashboard;

/// <summary>A verdict as the page shows it.</summary>
/// <param name="Frame">JPEG, small; null where there is none, or it was not kept.</param>
/// <param name="Heatmap">PNG of the same size; null as above.</param>
/// <param name="Explanation">For an NG part: the normal patches that came nearest to its hottest spots.</param>
public sealed record RecentVerdict(VerdictMessage Message, byte[]? Frame, byte[]? Heatmap, IReadOnlyList<HotSpot> Explanation);
