namespace MrfAd.Engine.Masks;

/// <summary>
/// Regions as a picture: the label of each pixel says by what it is judged. <see cref="Ignored"/> is not inspected, <see cref="Part"/> is judged by the threshold of the
/// whole part, and every higher label is a named region.
/// </summary>
public sealed class RegionLabels
{
    /// <summary>The label of pixels that are not inspected.</summary>
    public const byte Ignored = 0;

    /// <summary>The label of inspected pixels that lie in no named region.</summary>
    public const byte Part = 1;

    private readonly PartRegion[] _named;
    private readonly byte[] _labels;
    private readonly Dictionary<(int Columns, int Rows), bool[]> _grids = [];

    /// <exception cref="RegionException">The regions leave nothing of the image to inspect.</exception>
    public RegionLabels(PartRegions regions)
    {
        (Regions, Sha256) = (regions, regions.Sha256);
        _named = [.. regions.Regions.Where(r => r.Kind == RegionKind.Named)];
        _labels = new byte[regions.WidthPx * regions.HeightPx];
        Draw(_labels, null);
        if (!_labels.AsSpan().ContainsAnyExcept(Ignored))
            throw new RegionException("the regions leave nothing of the image to inspect");
    }

    /// <returns>The labels; null where there are no regions.</returns>
    /// <inheritdoc cref="RegionLabels(PartRegions)"/>
    public static RegionLabels? Of(PartRegions? regions) => regions is null ? null : new RegionLabels(regions);

    public PartRegions Regions { get; }

    /// <inheritdoc cref="PartRegions.Sha256"/>
    public string Sha256 { get; }

    /// <summary>The number of labels, <see cref="Ignored"/> and <see cref="Part"/> included.</summary>
    public int Count => _named.Length + 2;

    /// <summary>The labels of the image that the regions are drawn over, [H·W].</summary>
    public ReadOnlySpan<byte> Labels => _labels;

    /// <returns>The region of a label; null for the two that are no named region.</returns>
    public PartRegion? RegionOf(int label) => label > Part ? _named[label - Part - 1] : null;

    /// <summary>Draws the labels of a frame in which the part lies elsewhere.</summary>
    /// <param name="labels">The labels to fill, [H·W] of an image of the same size.</param>
    /// <param name="place">Returns the place in the frame of a place in the image that the regions are drawn over, px; null where it is the same.</param>
    public void Draw(Span<byte> labels, Func<double, double, (double X, double Y)>? place)
    {
        labels.Fill(Regions.Regions.Any(r => r.Kind == RegionKind.Inspect) ? Ignored : Part);
        foreach (var region in Regions.Regions.Where(r => r.Kind == RegionKind.Inspect))
            Fill(region, Part, labels, place);
        for (var i = 0; i < _named.Length; i++)
            Fill(_named[i], (byte)(Part + 1 + i), labels, place);
        foreach (var region in Regions.Regions.Where(r => r.Kind == RegionKind.Ignore))
            Fill(region, Ignored, labels, place);
    }

    /// <returns>For each cell of a grid laid over the image (row-major), true where at least one of its pixels is inspected.</returns>
    public ReadOnlySpan<bool> Inspected(int columns, int rows)
    {
        if (_grids.TryGetValue((columns, rows), out var grid))
            return grid;
        var (width, height) = (Regions.WidthPx, Regions.HeightPx);
        grid = new bool[columns * rows];
        for (var cell = 0; cell < grid.Length; cell++)
        {
            var (row, column) = Math.DivRem(cell, columns);
            var (left, right) = (Start(column, columns, width), End(column, columns, width));
            for (var y = Start(row, rows, height); y < End(row, rows, height) && !grid[cell]; y++)
                grid[cell] = _labels.AsSpan((y * width) + left, right - left).ContainsAnyExcept(Ignored);
        }

        return _grids[(columns, rows)] = grid;
    }

    /// <summary>Removes the patches that are not inspected from a list of them.</summary>
    /// <param name="patches">Patches of the grid, row-major; those that remain stand first on return.</param>
    /// <returns>The number of patches that remain.</returns>
    public int Keep(int columns, int rows, Span<int> patches)
    {
        var inspected = Inspected(columns, rows);
        var kept = 0;
        foreach (var patch in patches)
        {
            if (inspected[patch])
                patches[kept++] = patch;
        }

        return kept;
    }

    /// <summary>The lowest threshold of a named region; infinite where none has one.</summary>
    public float LowestThreshold => _named.Min(r => r.Threshold) ?? float.PositiveInfinity;

    /// <summary>Sets the scores of ignored pixels to 0.</summary>
    /// <param name="labels">The label of each score's pixel.</param>
    public static void ClearIgnored(Span<float> scores, ReadOnlySpan<byte> labels)
    {
        for (var i = 0; i < scores.Length; i++)
            scores[i] = labels[i] == Ignored ? 0 : scores[i];
    }

    /// <summary>Sets the scores to 0 where a named region has limits of its own: they say nothing about the threshold of the whole part. Does nothing where that would leave no pixel.</summary>
    /// <param name="scores">The scores of the image that the regions are drawn over, [H·W].</param>
    public void ClearOwnLimits(Span<float> scores)
    {
        Span<bool> own = stackalloc bool[Count];
        for (var label = 0; label < own.Length; label++)
            own[label] = RegionOf(label) is { HasOwnLimit: true };
        var isLeft = false;
        foreach (var label in _labels)
            isLeft |= label != Ignored && !own[label];
        if (!isLeft || !own.Contains(true))
            return;
        for (var i = 0; i < scores.Length; i++)
            scores[i] = own[_labels[i]] ? 0 : scores[i];
    }

    /// <summary>Scales the scores of named regions so that they reach the threshold of the whole part where they reach their own.</summary>
    /// <param name="threshold">The threshold of the whole part.</param>
    /// <param name="scores">The scores of the image that the regions are drawn over, [H·W].</param>
    public void RelateTo(float threshold, Span<float> scores)
    {
        Span<float> factors = stackalloc float[Count];
        for (var label = 0; label < factors.Length; label++)
            factors[label] = RegionOf(label)?.Threshold is { } own ? threshold / own : 1;
        for (var i = 0; i < scores.Length; i++)
            scores[i] *= factors[_labels[i]];
    }

    private void Fill(PartRegion region, byte label, Span<byte> labels, Func<double, double, (double X, double Y)>? place)
    {
        var points = new (double X, double Y)[region.Points.Count];
        for (var i = 0; i < points.Length; i++)
            points[i] = place?.Invoke(region.Points[i][0], region.Points[i][1]) ?? (region.Points[i][0], region.Points[i][1]);
        PolygonRaster.Fill(points, labels, Regions.WidthPx, label);
    }

    // A cell reaches over all pixels that it shares, at least one, even where the grid is finer than the image.
    private static int Start(int cell, int cells, int pixels) => (int)((long)cell * pixels / cells);

    private static int End(int cell, int cells, int pixels) => (int)Math.Max(Start(cell, cells, pixels) + 1, ((((long)cell + 1) * pixels) + cells - 1) / cells);
}
