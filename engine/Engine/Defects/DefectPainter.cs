using MrfAd.Engine.Images;

namespace MrfAd.Engine.Defects;

/// <summary>
/// Paints defects on good images: stand-ins for the real ones that nobody has when a product is new. They tell how much of a defect a model sees, not how often real ones occur. The same seed paints
/// the same defect. <see cref="DefectKind"/> states sizes and strengths.
/// </summary>
public static class DefectPainter
{
    // The number of places that are tried until a defect can be seen.
    private const int Tries = 30;

    // A pixel shows the defect where a sample differs by this share of the range; a defect is seen by this many pixels, which are this share of those covered.
    private const float LeastChange = 0.03f;
    private const int LeastPixels = 9;
    private const double LeastShare = 0.3;

    // The share of a defect's pixels that lie on the part.
    private const double OnPart = 0.7;

    /// <summary>Paints one defect.</summary>
    /// <param name="good">The good image, [H, W, C], which stays as it is.</param>
    /// <param name="part">The part, [H·W], true where a defect may lie, for instance as <see cref="PartFinder"/> finds it.</param>
    /// <returns>The defective image; null where no place was found at which the defect could be seen.</returns>
    public static PaintedDefect? Paint(Image good, DefectKind kind, int seed, bool[] part)
    {
        var random = new Random(seed);
        var samples = new Samples(good);
        var places = Enumerable.Range(0, part.Length).Where(i => part[i]).ToArray();
        for (var attempt = 0; attempt < Tries && places.Length > 0; attempt++)
        {
            var start = PlaceOf(places[random.Next(places.Length)]);
            var outline = Outline(kind, start, Math.Min(good.Width, good.Height), random);
            var change = Change(kind, samples, start, PlaceOf(places[random.Next(places.Length)]), random);
            if (PaintOn(good, outline, part, change) is { } painted)
                return painted;
        }

        return null;

        (double X, double Y) PlaceOf(int pixel) => ((pixel % good.Width) + 0.5, (pixel / good.Width) + 0.5);
    }

    private static DefectOutline Outline(DefectKind kind, (double X, double Y) at, int side, Random random)
    {
        return kind switch
        {
            DefectKind.Scratch => DefectOutline.Line(at, side * Between(0.08, 0.2), Math.Max(1.5, side * Between(0.004, 0.01)), random),
            DefectKind.MissingPiece or DefectKind.Blur => DefectOutline.Spot(at, Math.Max(2, side * Between(0.05, 0.1)), random),
            DefectKind.Wear => DefectOutline.Spot(at, Math.Max(2, side * Between(0.04, 0.08)), random),
            _ => DefectOutline.Spot(at, Math.Max(2, side * Between(0.03, 0.07)), random),
        };

        double Between(double low, double high) => low + (random.NextDouble() * (high - low));
    }

    /// <summary>Returns the sample that a defect leaves at a pixel and channel.</summary>
    private static Func<int, int, int, float> Change(DefectKind kind, Samples good, (double X, double Y) at, (double X, double Y) other, Random random)
    {
        var (side, sign) = (Math.Min(good.Width, good.Height), random.Next(2) * 2 - 1);
        switch (kind)
        {
            case DefectKind.Scratch:
                var depth = sign * Between(0.25f, 0.45f);
                return (x, y, c) => good[x, y, c] + depth;
            case DefectKind.Stain:
                var (left, tint) = (1 - Between(0.25f, 0.5f), PerChannel(() => Between(0, 0.12f)));
                return (x, y, c) => (good[x, y, c] * left) + tint[c];
            case DefectKind.CutPaste:
                var (dx, dy) = ((int)(other.X - at.X), (int)(other.Y - at.Y));
                return (x, y, c) => good[Math.Clamp(x + dx, 0, good.Width - 1), Math.Clamp(y + dy, 0, good.Height - 1), c];
            case DefectKind.MissingPiece:
                var border = good.Border();
                return (_, _, c) => border[c];
            case DefectKind.Wear:
                var (lighter, fine) = (Between(0.08f, 0.18f), Math.Max(1, side / 100));
                return (x, y, c) => good.Mean(x, y, c, fine) + lighter;
            case DefectKind.Blur:
                var reach = Math.Max(2, (int)(side * Between(0.02f, 0.04f)));
                return (x, y, c) => good.Mean(x, y, c, reach);
            default:
                var (strength, channel) = (sign * Between(0.1f, 0.25f), random.Next(good.Channels));
                return (x, y, c) => good[x, y, c] + (c == channel ? strength : good.Channels == 1 ? 0 : -strength / 2);
        }

        float Between(float low, float high) => low + ((float)random.NextDouble() * (high - low));

        float[] PerChannel(Func<float> value) => [.. Enumerable.Range(0, good.Channels).Select(_ => value())];
    }

    /// <returns>The image; null where the defect cannot be seen, or lies beside the part.</returns>
    private static PaintedDefect? PaintOn(Image good, DefectOutline outline, bool[] part, Func<int, int, int, float> change)
    {
        var image = new Image(good.Width, good.Height, good.Channels, good.Depth);
        good.Bytes.CopyTo(image.Bytes);
        var (before, after) = (new Samples(good), new Samples(image));
        var mask = new bool[good.Width * good.Height];
        var (covered, onPart, seen) = (0, 0, 0);
        var (left, top, right, bottom) = outline.Box(good.Width, good.Height);
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var (coverage, at) = (outline.Coverage(x, y), (y * good.Width) + x);
                covered += coverage > 0.5f ? 1 : 0;
                if (coverage == 0 || !part[at])
                    continue;
                onPart += coverage > 0.5f ? 1 : 0;
                for (var c = 0; c < good.Channels; c++)
                {
                    after[x, y, c] = before[x, y, c] + (coverage * (change(x, y, c) - before[x, y, c]));
                    mask[at] |= Math.Abs(after[x, y, c] - before[x, y, c]) >= LeastChange;
                }

                seen += mask[at] ? 1 : 0;
            }
        }

        if (onPart >= OnPart * covered && seen >= Math.Max(LeastPixels, LeastShare * covered))
            return new PaintedDefect(image, mask);
        image.Dispose();
        return null;
    }
}
