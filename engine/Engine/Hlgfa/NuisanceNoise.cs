using MrfAd.Engine.Images;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The nuisance noise of section 3.3: sparse points (dust, stains) and stripes (hairs, harmless scratches), brighter or darker than the surface under them. They are
/// drawn into the image itself, before either view is made of it. The paper gives neither number nor size; those here are shares of the
/// shorter side.
/// </summary>
public static class NuisanceNoise
{
    private const int MinPoints = 5;
    private const int MaxPoints = 40;
    private const int MaxStripes = 4;

    // Maximum contrast as a share of the full range of a sample.
    private const double MaxContrast = 0.3;

    /// <returns>A new image, which is the same for the same seed.</returns>
    public static Image Apply(Image image, int seed)
    {
        var random = new Random(seed);
        var noisy = new Image(image.Width, image.Height, image.Channels, image.Depth);
        image.Bytes.CopyTo(noisy.Bytes);
        var side = Math.Min(image.Width, image.Height);
        for (var n = random.Next(MinPoints, MaxPoints); n > 0; n--)
            Disc(noisy, random.NextDouble() * image.Width, random.NextDouble() * image.Height, Between(random, 0.001, 0.004) * side, Strength(random));
        for (var n = random.Next(1, MaxStripes + 1); n > 0; n--)
            Stripe(noisy, random, side);
        return noisy;
    }

    private static void Stripe(Image image, Random random, int side)
    {
        var (x, y, angle) = (random.NextDouble() * image.Width, random.NextDouble() * image.Height, random.NextDouble() * Math.PI);
        var (length, reach, strength) = (Between(random, 0.05, 0.3) * side, Between(random, 0.0005, 0.0015) * side, Strength(random));
        var (dx, dy) = (Math.Cos(angle), Math.Sin(angle));
        var (left, right) = (Math.Min(x, x + (dx * length)) - reach, Math.Max(x, x + (dx * length)) + reach);
        for (var py = (int)(y - reach); py <= y + (dy * length) + reach; py++)
        {
            for (var px = (int)left; px <= right; px++)
            {
                var along = ((px - x) * dx) + ((py - y) * dy);
                var across = Math.Abs(((py - y) * dx) - ((px - x) * dy));
                if (along >= 0 && along <= length && across <= Math.Max(reach, 0.5))
                    Shift(image, px, py, strength);
            }
        }
    }

    private static void Disc(Image image, double x, double y, double radius, double strength)
    {
        for (var py = (int)(y - radius); py <= y + radius; py++)
        {
            for (var px = (int)(x - radius); px <= x + radius; px++)
            {
                if (((px - x) * (px - x)) + ((py - y) * (py - y)) <= Math.Max(radius * radius, 1))
                    Shift(image, px, py, strength);
            }
        }
    }

    private static void Shift(Image image, int x, int y, double strength)
    {
        if (x < 0 || y < 0 || x >= image.Width || y >= image.Height)
            return;
        var at = ((y * image.Width) + x) * image.Channels;
        for (var channel = at; channel < at + image.Channels; channel++)
        {
            if (image.Depth == PixelDepth.Eight)
                image.Bytes[channel] = (byte)Math.Clamp(image.Bytes[channel] + (255 * strength), 0, 255);
            else
                image.Samples16[channel] = (ushort)Math.Clamp(image.Samples16[channel] + (65535 * strength), 0, 65535);
        }
    }

    private static double Strength(Random random) => Between(random, -MaxContrast, MaxContrast);

    private static double Between(Random random, double low, double high) => low + (random.NextDouble() * (high - low));
}
