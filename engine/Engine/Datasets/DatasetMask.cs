using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Datasets;

/// <summary>
/// Reads the masks of a data set: a pixel is defective where the mask is not 0, as the benchmarks define it. An inverted mask is refused by name, and a
/// noisy one gives a warning, since both would give plausible but wrong metrics.
/// </summary>
public static class DatasetMask
{
    // Values up to this are what the noise of a lossy format leaves around 0; a smoothed edge has few of them, beside larger ones.
    private const int FaintMax = 16;

    /// <param name="width">Width of the image, px.</param>
    /// <param name="warn">Called with a warning where a mask looks noisy; it is read as it is.</param>
    /// <returns>The regions of the mask, an empty set for a good image; null where the image has no mask and needs none.</returns>
    /// <exception cref="DatasetException">The mask is absent, unreadable, of another size than the image, or marks nothing or nearly everything of a defective image.</exception>
    public static MaskRegions? Read(DatasetImage image, int width, int height, Action<string>? warn = null)
    {
        if (image.Defective == false)
            return MaskRegions.None(width, height);
        if (image.Mask is null)
            return null;
        if (!File.Exists(image.Mask))
            throw new DatasetException($"{image.Path}: its mask {image.Mask} does not exist");
        try
        {
            var mask = ImageCodec.ReadMask(image.Mask, ImageLimits.UpTo((double)width * height / 1e6, $"its image has {width}×{height} pixels"));
            if (mask.Width != width || mask.Height != height)
                throw new DatasetException($"{image.Mask}: the mask is {mask.Width}x{mask.Height}, its image {width}x{height}");
            var values = Visible(mask);
            if (mask.IsLossy)
                KeepStrong(values);
            var regions = new MaskRegions(values, width, height);
            if (regions.Sizes.Count == 0)
                throw new DatasetException($"{image.Mask}: marks nothing, but the image is '{image.Kind}'");
            if (warn is not null && NoiseIn(values, width) is { } noise)
                warn($"{image.Mask}: {noise}");
            RefuseInverted(values, width, height, regions.DefectPixels, image.Mask);
            return regions;
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            throw new DatasetException($"{image.Mask}: the mask cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Keeps the visible part of a mask that was drawn on a transparent layer: its strokes, black ones too where it has no others.</summary>
    /// <returns>The values of the mask, [H·W].</returns>
    private static byte[] Visible(MaskImage mask)
    {
        if (mask.Opacity is not { } opacity || !opacity.AsSpan().ContainsAnyExcept((byte)255))
            return mask.Values;
        var isBlack = true;
        for (var i = 0; i < opacity.Length; i++)
            isBlack &= opacity[i] < 128 || mask.Values[i] == 0;
        var visible = new byte[opacity.Length];
        for (var i = 0; i < visible.Length; i++)
            visible[i] = opacity[i] < 128 ? (byte)0 : isBlack ? (byte)255 : mask.Values[i];
        return visible;
    }

    private static void KeepStrong(Span<byte> values)
    {
        var strongest = 0;
        foreach (var value in values)
            strongest = Math.Max(strongest, value);
        for (var i = 0; i < values.Length; i++)
            values[i] = values[i] > strongest / 2 ? values[i] : (byte)0;
    }

    private static string? NoiseIn(byte[] values, int width)
    {
        var runs = ConnectedComponents.Find(values, width, out var count);
        var strongest = new int[count];
        var (faint, strong) = (0, 0);
        foreach (var run in runs)
        {
            foreach (var value in values.AsSpan((run.Y * width) + run.X0, run.X1 - run.X0))
            {
                strongest[run.Label] = Math.Max(strongest[run.Label], value);
                faint += value <= FaintMax ? 1 : 0;
                strong += value >= 128 ? 1 : 0;
            }
        }

        return strong > 0 && (faint > strong / 4 || strongest.Any(s => s <= FaintMax))
            ? $"{faint} pixels have values from 1 to {FaintMax}, as the noise of a JPEG, beside {strong} strong ones; they count as defective"
            : null;
    }

    private static void RefuseInverted(byte[] values, int width, int height, int marked, string path)
    {
        var share = (double)marked / values.Length;
        var (border, borderMarked) = (0, 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (i % width != 0 && i % width != width - 1 && i >= width && i < values.Length - width)
                continue;
            border++;
            borderMarked += values[i] != 0 ? 1 : 0;
        }

        if (share >= 0.9 || (share >= 0.5 && borderMarked >= 0.95 * border))
            throw new DatasetException(FormattableString.Invariant($"{path}: marks {100 * share:0.#} % of its image ({width}x{height}), as an inverted mask does; want the defect marked and the good part 0"));
    }
}
