namespace MrfAd.Engine.Verdicts;

/// <summary>A pixel with a high score, and the normal patches nearest to the patches at that pixel.</summary>
/// <param name="X">The column of the pixel, px.</param>
/// <param name="Y">The row of the pixel, px.</param>
/// <param name="Score">The anomaly score of the pixel.</param>
/// <param name="Nearest">The nearest normal patch for each layer and scale, the farthest first.</param>
public sealed record HotSpot(int X, int Y, float Score, IReadOnlyList<NearestPatch> Nearest);
