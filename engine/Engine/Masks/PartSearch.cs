using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Masks;

/// <summary>Searches only the patches of the part that are inspected; buffers grow to the largest branch and stay.</summary>
internal sealed class PartSearch
{
    private static readonly (int Y, int X)[] Sides = [(-1, 0), (0, -1), (0, 1), (1, 0)], Corners = [(-1, -1), (-1, 1), (1, -1), (1, 1)];

    private int[] _patches = [];
    private int[] _nearest = [];
    private float[] _distances = [];
    private float[] _queries = [];

    /// <param name="mask">The mask of the part; null where the whole image is part.</param>
    /// <param name="regions">The regions, of which the ignored ones are not searched; null searches everywhere.</param>
    /// <param name="distances">The distances to fill, [Q]; 0 for background. Ignored patches beside others get the highest of those, so that interpolation holds its edges there.</param>
    /// <param name="nearest">The rows, [Q]: on entry initial guesses, on return the nearest rows, -1 for patches that were not searched.</param>
    public void Search(IRowSearch search, PatchFeatures features, PartMask? mask, RegionLabels? regions, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude) =>
        Search(search, features, mask, regions, distances, nearest, scratch, exclude, SearchPass.Full);

    /// <summary>Fills in upper bounds, <see cref="SearchPass.Bound"/>.</summary>
    /// <inheritdoc cref="Search(IRowSearch, PatchFeatures, PartMask?, RegionLabels?, float[], int[], SearchScratch, RowRange)"/>
    public void Bound(ExactSearch search, PatchFeatures features, PartMask? mask, RegionLabels? regions, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude) =>
        Search(search, features, mask, regions, distances, nearest, scratch, exclude, SearchPass.Bound);

    /// <summary>Searches these patches alone, after <see cref="Bound"/>; the others keep what they have.</summary>
    /// <inheritdoc cref="Search(IRowSearch, PatchFeatures, PartMask?, RegionLabels?, float[], int[], SearchScratch, RowRange)"/>
    public void Refine(
        ExactSearch search, PatchFeatures features, ReadOnlySpan<int> patches, RegionLabels? regions, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude)
    {
        var (found, guesses) = Found(search, features, patches, nearest, scratch, exclude, SearchPass.Refine);
        for (var i = 0; i < patches.Length; i++)
            (distances[patches[i]], nearest[patches[i]]) = (found[i], guesses[i]);
        if (regions is not null)
            HoldEdges(distances, features.Width, features.Height, regions.Inspected(features.Width, features.Height));
    }

    private void Search(
        IRowSearch search, PatchFeatures features, PartMask? mask, RegionLabels? regions, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
        if (mask is null && regions is null)
        {
            Search(search, features, [], distances, nearest, scratch, exclude, pass);
            return;
        }

        if (_patches.Length < features.Count)
            _patches = new int[features.Count];
        var patches = _patches.AsSpan(0, mask?.Cells(features.Width, features.Height, _patches) ?? All(features.Count, _patches));
        if (regions is not null)
            patches = patches[..regions.Keep(features.Width, features.Height, patches)];
        var (found, guesses) = Found(search, features, patches, nearest, scratch, exclude, pass);
        Array.Clear(distances);
        Array.Fill(nearest, -1);
        for (var i = 0; i < patches.Length; i++)
            (distances[patches[i]], nearest[patches[i]]) = (found[i], guesses[i]);
        if (regions is not null)
            HoldEdges(distances, features.Width, features.Height, regions.Inspected(features.Width, features.Height));
    }

    private static int All(int count, Span<int> patches)
    {
        for (var i = 0; i < count; i++)
            patches[i] = i;
        return count;
    }

    /// <summary>Gives each ignored patch the highest score of its inspected neighbours, by a side or else by a corner: with 0 there, a defect beside an ignored region would score too low.</summary>
    private static void HoldEdges(float[] distances, int columns, int rows, ReadOnlySpan<bool> inspected)
    {
        for (var patch = 0; patch < inspected.Length; patch++)
        {
            if (inspected[patch])
                continue;
            distances[patch] = 0;
            var (row, column) = Math.DivRem(patch, columns);
            if (!Hold(row, column, Sides, inspected))
                Hold(row, column, Corners, inspected);
        }

        bool Hold(int row, int column, ReadOnlySpan<(int Y, int X)> neighbours, ReadOnlySpan<bool> inspected)
        {
            var isHeld = false;
            foreach (var (dy, dx) in neighbours)
            {
                var (y, x) = (row + dy, column + dx);
                if (y < 0 || x < 0 || y >= rows || x >= columns || !inspected[(y * columns) + x])
                    continue;
                ref var held = ref distances[(row * columns) + column];
                (held, isHeld) = (Math.Max(held, distances[(y * columns) + x]), true);
            }

            return isHeld;
        }
    }

    /// <returns>The distance and the row of each of these patches, in buffers of this object.</returns>
    private (float[] Distances, int[] Nearest) Found(
        IRowSearch search, PatchFeatures features, ReadOnlySpan<int> patches, int[] nearest, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
        if (_nearest.Length < patches.Length)
            (_nearest, _distances) = (new int[features.Count], new float[features.Count]);
        for (var i = 0; i < patches.Length; i++)
            _nearest[i] = nearest[patches[i]];
        if (patches.Length > 0)
            Search(search, features, patches, _distances.AsSpan(0, patches.Length), _nearest.AsSpan(0, patches.Length), scratch, exclude, pass);
        return (_distances, _nearest);
    }

    /// <param name="patches">The patches to search; empty means all.</param>
    private void Search(
        IRowSearch search, PatchFeatures features, ReadOnlySpan<int> patches, Span<float> distances, Span<int> nearest, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
        if (features.OnDevice is not null && exclude.Count > 0)
            throw new ArgumentException($"features on a device are searched in all rows, got {exclude} to leave out", nameof(exclude));
        if (features.OnDevice is { } tensor)
            ((DeviceSearch)search).Search(tensor, features.Layout, features.Prefix, patches, distances, nearest);
        else if (pass != SearchPass.Full)
            ((ExactSearch)search).Search(patches.IsEmpty ? features.Values : Gather(features, patches), features.Layout, distances, nearest, scratch, exclude, pass);
        else
            search.Search(patches.IsEmpty ? features.Values : Gather(features, patches), features.Layout, distances, nearest, scratch, exclude);
    }

    /// <returns>The vectors of these patches alone, in the features' layout.</returns>
    private Span<float> Gather(PatchFeatures features, ReadOnlySpan<int> patches)
    {
        var values = features.Values;
        var (count, dimension) = (features.Count, features.Dimension);
        if (_queries.Length < values.Length)
            _queries = new float[values.Length];
        var queries = _queries.AsSpan(0, patches.Length * dimension);
        if (features.Layout == FeatureLayout.PatchesFirst)
        {
            for (var i = 0; i < patches.Length; i++)
                values.Slice(patches[i] * dimension, dimension).CopyTo(queries[(i * dimension)..]);
            return queries;
        }

        for (var k = 0; k < dimension; k++)
        {
            var plane = values.Slice(k * count, count);
            var target = queries.Slice(k * patches.Length, patches.Length);
            for (var i = 0; i < patches.Length; i++)
                target[i] = plane[patches[i]];
        }

        return queries;
    }
}
