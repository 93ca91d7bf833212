namespace MrfAd.Engine.Banks;

/// <summary>Chooses the patches that become rows of a bank: all, or a random subset in which each is equally likely, in the order of images and patches.</summary>
internal sealed class RowSample
{
    private readonly long[] _firstPatch; // the first patch of each image, counted over all images, and one more entry for the end
    private readonly long[]? _chosen;    // in rising order; null: all patches

    /// <param name="patches">The number of patches of each image.</param>
    public RowSample(IEnumerable<int> patches, int? maxRows, int seed)
    {
        long total = 0;
        _firstPatch = [0, .. patches.Select(p => total += p)];
        if (maxRows is { } cap && cap < total)
            _chosen = Search.RandomSubset.Of(total, cap, new Random(seed));
        Count = checked((int)(_chosen?.Length ?? total));
    }

    /// <summary>The number of rows in all.</summary>
    public int Count { get; }

    /// <summary>Returns the range of rows that are made of an image.</summary>
    public Engine.Search.RowRange Rows(int image) => new(RowOf(_firstPatch[image]), RowOf(_firstPatch[image + 1]));

    /// <summary>Returns the patch of an image from which a row is made.</summary>
    public int Patch(int image, int row) => (int)((_chosen is null ? row : _chosen[row]) - _firstPatch[image]);

    private int RowOf(long patch)
    {
        if (_chosen is null)
            return (int)patch;
        var at = Array.BinarySearch(_chosen, patch);
        return at >= 0 ? at : ~at;
    }
}
