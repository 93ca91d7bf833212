using MrfAd.Engine.Images;

namespace MrfAd.Engine.Defects;

/// <summary>A good image with a defect painted on it.</summary>
/// <param name="Image">The image, disposed with this object.</param>
/// <param name="Mask">The ground truth, [H·W]: true where the image shows the defect.</param>
public sealed record PaintedDefect(Image Image, bool[] Mask) : IDisposable
{
    public void Dispose() => Image.Dispose();
}
