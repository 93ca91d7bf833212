namespace MrfAd.Engine.Search;

/// <summary>The state of a panel of queries during a search: its vectors, its bounds and the best rows so far.</summary>
internal sealed unsafe class QueryPanel : IDisposable
{
    // The number of channels that are transposed together: their cache lines for all queries of the panel fit into the first-level cache.
    private const int TransposedChannels = 64;

    private readonly NativeFloats _queries = new();
    private readonly NativeFloats _projected = new();
    private readonly NativeFloats _lanes = new(4L * Width);

    /// <summary>The queries, [Width, D].</summary>
    public Span<float> Queries => new(_queries.Start, Width * Dimension);

    /// <summary>The projected queries, [d + 1, Width].</summary>
    public Span<float> Projected => new(_projected.Start, ProjectedValues * Width);

    /// <summary>The squared norms ‖q − μ‖², [Width].</summary>
    public Span<float> SquaredNorms => Lane(0);

    /// <summary>The lengths of the projected queries without their first coordinates, rounded up, [Width].</summary>
    public Span<float> Residuals => Lane(1);

    /// <summary>The limit of each query, [Width]: a row whose score is not above it is not nearer than the best one. It is +∞ for a lane without a query, or once the best distance is 0.</summary>
    public Span<float> Limits => Lane(2);

    /// <summary>The squared distance ‖q − b‖² to the best row so far, [Width].</summary>
    public Span<float> BestSquared => Lane(3);

    /// <summary>The best row so far, or −1, [Width].</summary>
    public int[] BestRows { get; } = new int[PanelKernel.PanelQueries];

    /// <summary>The row up to which, exclusively, rows are compared in full.</summary>
    public int FullUntil { get; set; }

    private static int Width => PanelKernel.PanelQueries;

    private int Dimension { get; set; }

    private int ProjectedValues { get; set; }

    /// <summary>Returns query i, [D].</summary>
    public Span<float> Query(int i) => Queries.Slice(i * Dimension, Dimension);

    /// <summary>Allocates buffers for queries of D = <paramref name="dimension"/> values, projected to <paramref name="projectedValues"/>.</summary>
    public void Require(int dimension, int projectedValues)
    {
        (Dimension, ProjectedValues) = (dimension, projectedValues);
        _queries.Require((long)Width * dimension);
        _projected.Require((long)Width * projectedValues);
    }

    /// <summary>Loads the queries from <paramref name="first"/> on; lanes past the end repeat the last one.</summary>
    /// <param name="source">The queries, [count, D] or [D, count] as <paramref name="layout"/> says.</param>
    public void Load(ReadOnlySpan<float> source, FeatureLayout layout, int first, int count)
    {
        if (layout == FeatureLayout.ChannelsFirst)
        {
            LoadTransposed(source, first, count);
            return;
        }

        for (var i = 0; i < Width; i++)
            source.Slice(Math.Min(first + i, count - 1) * Dimension, Dimension).CopyTo(Query(i));
    }

    /// <summary>Computes the queries minus the mean.</summary>
    /// <param name="target">The values to fill, [D, Width].</param>
    public void Centre(ReadOnlySpan<float> mean, Span<float> target)
    {
        for (var from = 0; from < Dimension; from += TransposedChannels)
        {
            var end = Math.Min(Dimension, from + TransposedChannels);
            for (var i = 0; i < Width; i++)
            {
                var query = Query(i);
                for (var k = from; k < end; k++)
                    target[(k * Width) + i] = query[k] - mean[k];
            }
        }
    }

    public void Dispose()
    {
        _queries.Dispose();
        _projected.Dispose();
        _lanes.Dispose();
    }

    private void LoadTransposed(ReadOnlySpan<float> source, int first, int count)
    {
        for (var from = 0; from < Dimension; from += TransposedChannels)
        {
            var end = Math.Min(Dimension, from + TransposedChannels);
            for (var i = 0; i < Width; i++)
            {
                var query = Query(i);
                var at = Math.Min(first + i, count - 1);
                for (var k = from; k < end; k++)
                    query[k] = source[(k * count) + at];
            }
        }
    }

    private Span<float> Lane(int i) => new(_lanes.Start + (i * Width), Width);
}
