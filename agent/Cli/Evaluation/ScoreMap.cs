namespace MrfAd.Cli.Evaluation;

/// <summary>One of a method's maps of an image, on its own grid: row-major, [h·w].</summary>
public sealed record ScoreMap(int Width, int Height, float[] Scores);
