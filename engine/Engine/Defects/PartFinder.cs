using MrfAd.Engine.Images;

namespace MrfAd.Engine.Defects;

/// <summary>Finds roughly where the part lies in an image, without a mask model: what differs from the image's border.</summary>
public static class PartFinder
{
    private const int Levels = 64;

    // Where the border has the colours of the part, or hardly anything differs from it, there is no background that could be told.
    private const double LeastShare = 0.02, MostShare = 0.95, MostBorder = 0.15;

    // The share of the variance that a division into two groups must explain: any division of a normal distribution explains up to 0.64.
    private const double LeastExplained = 0.75;

    // The shorter side of the copy in which the part is looked for, px, and the reach of the means that are compared there: those of a texture are alike.
    private const int Side = 128, Reach = 1;

    /// <returns>The part, [H·W]: the pixels about which colours differ from the border's median by more than Otsu's threshold; the whole image where that tells no part from a background.</returns>
    public static bool[] Find(Image image)
    {
        var scale = Math.Min(1, (double)Side / Math.Min(image.Width, image.Height));
        using var small = ImageResize.Resize(image, (int)(image.Width * scale), (int)(image.Height * scale));
        var part = FindIn(small);
        return [.. Enumerable.Range(0, image.Width * image.Height).Select(i => part[(i / image.Width * small.Height / image.Height * small.Width) + (i % image.Width * small.Width / image.Width)])];
    }

    private static bool[] FindIn(Image image)
    {
        var samples = new Samples(image);
        var border = samples.Border();
        var differences = new byte[image.Width * image.Height];
        for (var i = 0; i < differences.Length; i++)
        {
            var most = 0f;
            for (var c = 0; c < border.Length; c++)
                most = Math.Max(most, Math.Abs(samples.Mean(i % image.Width, i / image.Width, c, Reach) - border[c]));
            differences[i] = (byte)Math.Min(Levels - 1, most * Levels);
        }

        var (threshold, explained) = Otsu(differences);
        bool[] part = [.. differences.Select(d => d > threshold)];
        var share = part.Count(p => p) / (double)part.Length;
        var edge = Enumerable.Range(0, part.Length).Where(i => i < image.Width || i >= part.Length - image.Width || i % image.Width == 0 || i % image.Width == image.Width - 1).ToList();
        var isTold = explained >= LeastExplained && share is >= LeastShare and <= MostShare && edge.Count(i => part[i]) <= MostBorder * edge.Count;
        return isTold ? part : [.. part.Select(_ => true)];
    }

    /// <summary>Otsu's threshold: the level that divides the values into two groups of the greatest variance between them; and the share of the whole variance that this is.</summary>
    private static (int Threshold, double Explained) Otsu(byte[] values)
    {
        var counts = new long[Levels];
        foreach (var value in values)
            counts[value]++;
        var total = Enumerable.Range(0, Levels).Sum(level => (double)level * counts[level]);
        var (below, sum, best, threshold) = (0L, 0.0, -1.0, 0);
        for (var level = 0; level < Levels - 1; level++)
        {
            (below, sum) = (below + counts[level], sum + ((double)level * counts[level]));
            if (below == 0 || below == values.Length)
                continue;
            var between = below * (double)(values.Length - below) * Math.Pow((sum / below) - ((total - sum) / (values.Length - below)), 2);
            if (between > best)
                (best, threshold) = (between, level);
        }

        var mean = total / values.Length;
        var variance = Enumerable.Range(0, Levels).Sum(level => counts[level] * Math.Pow(level - mean, 2));
        return (threshold, variance == 0 ? 0 : best / values.Length / variance);
    }
}
