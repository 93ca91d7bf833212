using MrfAd.Engine.Images;

namespace MrfAd.Cli.Evaluation;

/// <summary>A method under evaluation: something that gives maps of an image. All ablations are fused from these, so each image is scored once.</summary>
public interface IMethod : IDisposable
{
    IReadOnlyList<MapName> Maps { get; }

    /// <summary>What it learned of good parts, for thresholds and reports.</summary>
    Learned Learned { get; }

    /// <returns>One map for each of <see cref="Maps"/>; valid until the next call.</returns>
    /// <exception cref="Engine.Images.ImageFormatException">The image cannot be scored; the text names why.</exception>
    ScoredImage Score(Image image);
}
