namespace MrfAd.Engine.Images;

/// <summary>Finds out whether images of 16 bits use only the lower ones: data of a camera of 10 or 12 bits that a program has written as it is, nearly black.</summary>
public sealed class UnusedBits
{
    // Good parts that stay below a quarter of white in every pixel of every image are hardly exposed like that on purpose.
    private const int MaxDark = (1 << 14) - 1;

    private int _max;
    private int _count;

    /// <summary>Adds an image; one of 8 bits does not count.</summary>
    public void Add(Image image)
    {
        if (image.Depth != PixelDepth.Sixteen)
            return;
        _count++;
        foreach (var sample in image.Samples16)
            _max = Math.Max(_max, sample);
    }

    /// <summary>A sentence where the images look so; null otherwise.</summary>
    public string? Warning => _count == 0 || _max is 0 or > MaxDark ? null
        : FormattableString.Invariant($"no sample of the {_count} images of 16 bits is larger than {_max}, {100 * _max / 65535.0:0.#} % of white: if the camera gives {int.Log2(_max) + 1} bits, have them scaled, or named in the files (TIFF MaxSampleValue, PNG sBIT)");
}
