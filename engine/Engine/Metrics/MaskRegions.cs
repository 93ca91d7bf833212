using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Metrics;

/// <summary>The regions R_k of a mask: the 8-connected components of mask > 0, kept as runs of pixels, which take much less memory than the mask.</summary>
public sealed class MaskRegions
{
    private readonly List<ConnectedComponents.Run> _runs;

    /// <param name="mask">The mask, [H·W], 0 where the pixel is ok.</param>
    public MaskRegions(ReadOnlySpan<byte> mask, int width, int height)
    {
        if (mask.Length != width * height)
            throw new ArgumentException($"a {width}x{height} mask has {width * height} pixels, got {mask.Length}", nameof(mask));
        (Width, Height) = (width, height);
        _runs = ConnectedComponents.Find(mask, width, out var count);
        var sizes = new int[count];
        foreach (var run in _runs)
            sizes[run.Label] += run.X1 - run.X0;
        Sizes = sizes;
        DefectPixels = sizes.Sum();
    }

    private MaskRegions(int width, int height)
    {
        (Width, Height) = (width, height);
        _runs = [];
        Sizes = [];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>The number of pixels of each region, |R_k|.</summary>
    public IReadOnlyList<int> Sizes { get; }

    public int DefectPixels { get; }

    public int OkPixels => (Width * Height) - DefectPixels;

    /// <summary>Returns the regions of a good image: none.</summary>
    public static MaskRegions None(int width, int height) => new(width, height);

    /// <summary>Lists the image in row-major order as stretches [Begin, End) that are ok (region −1) or belong to one region.</summary>
    public IEnumerable<(int Begin, int End, int Region)> Stretches()
    {
        var at = 0;
        foreach (var run in _runs)
        {
            var begin = (run.Y * Width) + run.X0;
            if (begin > at)
                yield return (at, begin, -1);
            at = (run.Y * Width) + run.X1;
            yield return (begin, at, run.Label);
        }

        if (at < Width * Height)
            yield return (at, Width * Height, -1);
    }
}
