namespace MrfAd.Cli.Evaluation.Report;

/// <summary>The heatmap of one scale.</summary>
/// <param name="Picture">The heatmap as a data URI.</param>
public sealed record PageMap(string Name, string Picture);
