namespace MrfAd.Engine.Features;

/// <summary>Computes the size to which an image is resized for each scale.</summary>
public static class ViewSizes
{
    // Enlarging beyond twice the camera's pixels adds nothing but interpolated values.
    private const double MaxFactor = 2;

    /// <param name="multiple">Sides are rounded to the nearest multiple of this (the encoder's patch or stride), at least one.</param>
    /// <returns>One view for each of the options' scales, in their order.</returns>
    public static IReadOnlyList<View> Of(int width, int height, MrfAdOptions options, int multiple)
    {
        var budget = options.Megapixels is { } megapixels ? Math.Sqrt(megapixels * 1e6 / ((double)width * height)) : 1;
        var smallest = options.Scales.Min() * Math.Min(width, height);
        var growth = Math.Min(Math.Max(budget, options.MinSide / smallest), Math.Max(1, MaxFactor / options.Scales.Max()));
        return [.. options.Scales.Select(scale => new View(scale, scale * growth, Side(width * scale * growth), Side(height * scale * growth)))];

        int Side(double pixels) => Math.Max(1, (int)Math.Round(pixels / multiple, MidpointRounding.AwayFromZero)) * multiple;
    }
}
