namespace MrfAd.Cli.Demo.Page;

/// <summary>The data of the demo's page; its script reads it as JSON in snake_case, hence so many members.</summary>
/// <param name="LearnS">Duration of learning in seconds.</param>
/// <param name="ScaleLow">Score at the lower end of the heatmap's colours.</param>
/// <param name="Legend">Picture of the colours from low to high, as a data URI.</param>
/// <param name="Parts">The parts in the order of their triggers.</param>
public sealed record PageRun(
    string Title,
    string Subtitle,
    int TrainCount,
    double LearnS,
    float Threshold,
    float ScaleLow,
    float ScaleHigh,
    string Legend,
    IReadOnlyList<PageParameter> Parameters,
    IReadOnlyList<PagePart> Parts);
