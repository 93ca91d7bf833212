using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Masks;

/// <summary>Searches only the patches of the part; buffers grow to the largest branch and stay.</summary>
internal sealed class PartSearch
{
    private int[] _patches = [];
    private int[] _nearest = [];
    private float[] _distances = [];
    private float[] _queries = [];

    /// <param name="mask">The mask of the part; null searches all patches.</param>
    /// <param name="distances">The distances to fill, [Q]; 0 for background.</param>
    /// <param name="nearest">The rows, [Q]: on entry initial guesses, on return the nearest rows, -1 for background.</param>
    /// <param name="pass">The rows to compare with; a search is an <see cref="ExactSearch"/> unless these are all.</param>
    public void Search(
        IRowSearch search, PatchFeatures features, PartMask? mask, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude, SearchPass pass = SearchPass.Full)
    {
        if (mask is null)
        {
            Search(search, features, [], distances, nearest, scratch, exclude, pass);
            return;
        }

        Reserve(features.Count);
        var patches = _patches.AsSpan(0, mask.Cells(features.Width, features.Height, _patches));
        var (found, guesses) = Found(search, features, patches, nearest, scratch, exclude, pass);
        Array.Clear(distances);
        Array.Fill(nearest, -1);
        for (var i = 0; i < patches.Length; i++)
            (distances[patches[i]], nearest[patches[i]]) = (found[i], guesses[i]);
    }

    /// <summary>Searches these patches alone; the others keep what they have.</summary>
    /// <inheritdoc cref="Search(IRowSearch, PatchFeatures, PartMask?, float[], int[], SearchScratch, RowRange, SearchPass)"/>
    public void Search(IRowSearch search, PatchFeatures features, ReadOnlySpan<int> patches, float[] distances, int[] nearest, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
        Reserve(features.Count);
        var (found, guesses) = Found(search, features, patches, nearest, scratch, exclude, pass);
        for (var i = 0; i < patches.Length; i++)
            (distances[patches[i]], nearest[patches[i]]) = (found[i], guesses[i]);
    }

    private void Reserve(int patches)
    {
        if (_patches.Length < patches)
            (_patches, _nearest, _distances) = (new int[patches], new int[patches], new float[patches]);
    }

    /// <returns>The distance and the row of each of these patches, in buffers of this object.</returns>
    private (float[] Distances, int[] Nearest) Found(
        IRowSearch search, PatchFeatures features, ReadOnlySpan<int> patches, int[] nearest, SearchScratch scratch, RowRange exclude, SearchPass pass)
    {
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
