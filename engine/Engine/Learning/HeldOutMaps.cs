using MrfAd.Engine.Fusion;

namespace MrfAd.Engine.Learning;

/// <summary>The score maps of a held-out image, before they are fused.</summary>
/// <param name="Maps">The scores of each branch, [h·w].</param>
/// <param name="Sizes">The width and height of each of <paramref name="Maps"/>.</param>
/// <param name="Width">The width of the image in which defects are looked for: that of the image, reduced.</param>
/// <param name="Defect">The painted defect in the reduced image, [Height·Width]; null on a good image.</param>
internal sealed record HeldOutMaps(IReadOnlyList<float[]> Maps, IReadOnlyList<(int Width, int Height)> Sizes, int Width, int Height, bool[]? Defect)
{
    // The longer side of the reduced image, px: wider than the maps of patches, and small enough to compare many candidates.
    private const int Side = 256;

    /// <param name="defect">The painted defect, [height·width]; null on a good image.</param>
    public static HeldOutMaps Of(IReadOnlyList<float[]> maps, IReadOnlyList<(int Width, int Height)> sizes, int width, int height, bool[]? defect)
    {
        var scale = Math.Min(1.0, (double)Side / Math.Max(width, height));
        var (w, h) = (Math.Max(1, (int)(width * scale)), Math.Max(1, (int)(height * scale)));
        var reduced = defect is null ? null : new bool[w * h];
        for (var p = 0; p < width * height && reduced is not null; p++)
            reduced[(p / width * h / height * w) + (p % width * w / width)] |= defect![p];
        return new HeldOutMaps([.. maps.Select(m => m.ToArray())], [.. sizes], w, h, reduced);
    }

    /// <summary>Fuses some of the maps (eq. 6).</summary>
    /// <param name="weights">The factor of each of these maps; null where all count alike.</param>
    public ReadOnlySpan<float> Fused(IReadOnlyList<int> branches, IReadOnlyList<float>? weights)
    {
        var fusion = new MapFusion([.. branches.Select(b => Sizes[b])], Width, Height, parallel: false) { Weights = weights };
        return fusion.Fuse([.. branches.Select(b => Maps[b])]).Scores;
    }
}
