namespace MrfAd.Cli.Evaluation;

/// <summary>One map of an image on its own grid: row-major [Height, Width].</summary>
public sealed record ScoreMap(int Width, int Height, float[] Scores);
