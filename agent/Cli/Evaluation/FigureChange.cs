namespace MrfAd.Cli.Evaluation;

/// <summary>The value of one figure in two runs.</summary>
/// <param name="Key">The <see cref="Figure.Key"/> of the figure.</param>
public sealed record FigureChange(string Key, double Before, double Now);
