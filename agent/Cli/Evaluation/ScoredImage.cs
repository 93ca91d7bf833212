using MrfAd.Engine.Alignment;

namespace MrfAd.Cli.Evaluation;

/// <summary>The maps of one image.</summary>
/// <param name="Width">Width of the image in pixels, at which its maps are evaluated.</param>
/// <param name="Ms">Duration of scoring in milliseconds.</param>
public sealed record ScoredImage(int Width, int Height, IReadOnlyList<ScoreMap> Maps, double Ms)
{
    /// <summary>Maps a place of the maps, which are those of the upright part, to its place in the image, px; null where they are those of the image.</summary>
    public Similarity? ToFrame { get; init; }
}
