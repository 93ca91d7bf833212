using MrfAd.Engine.Features;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Masks;

/// <summary>
/// Background removal (the paper's section 5.3.3) with a safeguard: a mask that differs from those of good parts is rejected, and all
/// places where good parts were are inspected instead. Nothing is allocated per image after the first of a size.
/// </summary>
/// <param name="model">The mask model, which is not disposed here.</param>
/// <param name="mean">The value of each channel that <see cref="BackgroundFill.Mean"/> paints, 0 to 1.</param>
public sealed class BackgroundRemover(MaskModel model, BackgroundFill fill, ReferenceMask reference, IReadOnlyList<float> mean) : IDisposable
{
    // The mask grows by this share of its shorter side: the model draws the border inside the part as often as outside.
    private const double GrowShare = 0.02;

    private readonly MaskStatistics _statistics = new();
    private readonly float _meanGrey = mean.Average();
    private Image? _filled;

    /// <summary>The mask of the last image; null before the first.</summary>
    public PartMask? Mask { get; private set; }

    /// <summary>The reason why the model's mask of the last image was rejected; null where it was accepted.</summary>
    public string? RejectionReason { get; private set; }

    /// <summary>Finds the part and sets <see cref="Mask"/>.</summary>
    /// <returns>The image to encode: the given image, or a copy with another background that belongs to this object and is overwritten by the next call.</returns>
    /// <exception cref="Onnx.Graphs.OnnxModelException">The model cannot run.</exception>
    public Image Remove(Image image)
    {
        Mask = model.Find(image);
        _statistics.Measure(Mask);
        RejectionReason = reference.RejectionReason(_statistics);
        if (RejectionReason is null)
            reference.Complete(Mask);
        else
            reference.Replace(Mask);
        Mask.Grow((int)Math.Ceiling(GrowShare * Math.Min(Mask.Width, Mask.Height)));
        return fill == BackgroundFill.Keep ? image : Fill(image, Mask);
    }

    public void Dispose() => _filled?.Dispose();

    private Image Fill(Image image, PartMask mask)
    {
        if (_filled is null || (_filled.Width, _filled.Height, _filled.Channels, _filled.Depth) != (image.Width, image.Height, image.Channels, image.Depth))
        {
            _filled?.Dispose();
            _filled = new Image(image.Width, image.Height, image.Channels, image.Depth);
        }

        if (image.Depth == PixelDepth.Eight)
            Fill(image.Bytes, _filled.Bytes, mask, image, byte.MaxValue, v => (byte)v);
        else
            Fill(image.Samples16, _filled.Samples16, mask, image, ushort.MaxValue, v => (ushort)v);
        return _filled;
    }

    private void Fill<T>(ReadOnlySpan<T> source, Span<T> target, PartMask mask, Image image, int white, Func<float, T> sample)
    {
        source.CopyTo(target);
        Span<T> colour = [Colour(0), Colour(1), Colour(2)];
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                if (!mask.At(x, y, image.Width, image.Height))
                    colour[..image.Channels].CopyTo(target[(((y * image.Width) + x) * image.Channels)..]);
            }
        }

        T Colour(int channel) => sample(fill switch
        {
            BackgroundFill.Black => 0,
            BackgroundFill.White => white,
            _ => MathF.Round(white * (image.Channels == 3 ? mean[channel] : _meanGrey)),
        });
    }
}
