using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>Compares each picture of a collection of good parts with those before it: by its size, and by <see cref="CollectionCheck"/>.</summary>
public sealed class PictureCheck
{
    private readonly CollectionCheck _check = new();
    private (int Width, int Height)? _size;

    /// <summary>Adds a picture; the first one gives the size.</summary>
    /// <param name="statistics">Its statistics.</param>
    /// <returns>Its fault, by those that were added before it; null where it has none.</returns>
    public PictureFault? Add(Image image, ImageStatistics statistics)
    {
        _size ??= (image.Width, image.Height);
        if ((image.Width, image.Height) != _size)
            return new PictureFault("size", $"another size: {image.Width}x{image.Height}, want {_size.Value.Width}x{_size.Value.Height} as the others", null);
        return _check.Add(statistics) is { } fault ? new PictureFault(Word(fault.Kind), fault.ToString(), fault) : null;
    }

    /// <inheritdoc cref="CollectionCheck.FaultOf"/>
    public ImageFault? FaultOf(double brightness, double saturated, double sharpness) => _check.FaultOf(brightness, saturated, sharpness);

    private static string Word(ImageFaultKind kind) => kind switch { ImageFaultKind.Dark => "dark", ImageFaultKind.BlownOut => "white", _ => "blurred" };
}
