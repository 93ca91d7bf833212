namespace MrfAd.Cli.Evaluation.Report;

/// <param name="Picture">A data URI.</param>
public sealed record PageMap(string Name, string Picture);
