namespace MrfAd.Cli.Evaluation;

/// <summary>The result of a labelled test image, from the fused map: one row of <c>run.json</c>, hence so many members.</summary>
/// <param name="Name">The image's name, as in <see cref="Engine.Datasets.DatasetImage.Name"/>.</param>
/// <param name="Max">The image score: the maximum of the map.</param>
/// <param name="Top">The mean of the highest 1 % of the map.</param>
/// <param name="Rank">Share of the images of the other label that are ranked correctly against this one, [0, 1]; its mean is the AUROC. Comparable between runs.</param>
/// <param name="AuPro">AU-PRO_0.3 of this image alone; null for good images and without a mask.</param>
/// <param name="Ms">Duration of scoring in milliseconds.</param>
public sealed record ImageResult(string Name, string Kind, bool Defective, int WidthPx, int HeightPx, float Max, float Top, double Rank, double? AuPro, double Ms)
{
    /// <returns>"found", "missed", "passed" or "false alarm" at a threshold; null without one.</returns>
    public string? Outcome(double? threshold) => threshold is not { } t ? null
        : Defective ? (Max >= t ? "found" : "missed")
        : Max >= t ? "false alarm" : "passed";
}
