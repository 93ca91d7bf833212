namespace MrfAd.Cli.Evaluation;

/// <param name="Key">Of the <see cref="Figure"/>.</param>
public sealed record FigureChange(string Key, double Before, double Now);
