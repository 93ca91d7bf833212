namespace MrfAd.Cli.Evaluation;

/// <summary>The maps of one image.</summary>
/// <param name="Width">Width of the image in pixels, at which its maps are evaluated.</param>
/// <param name="Ms">Duration of scoring in milliseconds.</param>
public sealed record ScoredImage(int Width, int Height, IReadOnlyList<ScoreMap> Maps, double Ms);
