namespace MrfAd.Engine.Verdicts;

/// <summary>A place that scores high, and what was normal nearest to it.</summary>
/// <param name="X">Of its highest pixel.</param>
/// <param name="Y">Of its highest pixel.</param>
/// <param name="Score">There.</param>
/// <param name="Nearest">For each layer and scale; the farthest first.</param>
public sealed record HotSpot(int X, int Y, float Score, IReadOnlyList<NearestPatch> Nearest);
