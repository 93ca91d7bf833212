using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Learning;

/// <summary>An image that a bank calls defective, and that is to be learned as good.</summary>
/// <param name="Name">The name that it gets in the bank.</param>
/// <param name="Threshold">The threshold by which it was called defective.</param>
/// <param name="Open">Opens it; the caller disposes of it.</param>
public sealed record TaughtImage(string Name, float Threshold, Func<Image> Open)
{
    /// <summary>The regions of the part by which it was judged; null means the bank's own.</summary>
    public PartRegions? Regions { get; init; }
}
