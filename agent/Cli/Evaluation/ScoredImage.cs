namespace MrfAd.Cli.Evaluation;

/// <param name="Width">Of the image, px: the resolution at which its map is judged.</param>
/// <param name="Ms">What scoring took.</param>
public sealed record ScoredImage(int Width, int Height, IReadOnlyList<ScoreMap> Maps, double Ms);
