namespace MrfAd.Cli.Demo.Page;

/// <summary>Everything that the page shows; its script reads it as JSON, snake_case.</summary>
/// <param name="LearnS">What learning took, s.</param>
/// <param name="ScaleLow">The score at the lower end of the heatmap's colours.</param>
/// <param name="Legend">The colours from low to high, as a data URI.</param>
/// <param name="Parts">In the order in which they were triggered.</param>
public sealed record PageRun(
    string Title,
    string Subtitle,
    int TrainCount,
    double LearnS,
    float Threshold,
    float ScaleLow,
    float ScaleHigh,
    string Legend,
    IReadOnlyList<PageFact> Facts,
    IReadOnlyList<PagePart> Parts);
