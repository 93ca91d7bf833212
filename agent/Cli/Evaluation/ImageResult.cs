namespace MrfAd.Cli.Evaluation;

/// <summary>A labelled test image, by the fused map.</summary>
/// <param name="Name">As in <see cref="Engine.Datasets.DatasetImage.Name"/>.</param>
/// <param name="Max">The image score: the map's maximum.</param>
/// <param name="Top">The mean of its highest 1 %.</param>
/// <param name="Rank">The share of images of the other label that it is told from: 1 − its part of 1 − AUROC. Comparable between runs.</param>
/// <param name="AuPro">AU-PRO_0.3 of this image alone; null: good, or without a mask.</param>
/// <param name="Ms">What scoring took.</param>
public sealed record ImageResult(string Name, string Kind, bool Defective, int WidthPx, int HeightPx, float Max, float Top, double Rank, double? AuPro, double Ms)
{
    /// <returns>What it comes to at a threshold: "found", "missed", "passed" or "false alarm"; null without one.</returns>
    public string? Outcome(double? threshold) => threshold is not { } t ? null
        : Defective ? (Max >= t ? "found" : "missed")
        : Max >= t ? "false alarm" : "passed";
}
