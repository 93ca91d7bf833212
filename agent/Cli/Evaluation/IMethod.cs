using MrfAd.Engine.Images;

namespace MrfAd.Cli.Evaluation;

/// <summary>A method under evaluation, which computes the maps of an image. All ablations are fused from these maps, so each image is scored once.</summary>
public interface IMethod : IDisposable
{
    IReadOnlyList<MapName> Maps { get; }

    /// <summary>The results of learning: calibration and settings, for thresholds and reports.</summary>
    Learned Learned { get; }

    /// <returns>One map for each of <see cref="Maps"/>; valid until the next call.</returns>
    /// <exception cref="Engine.Images.ImageFormatException">The image cannot be scored; the text says why.</exception>
    ScoredImage Score(Image image);
}
