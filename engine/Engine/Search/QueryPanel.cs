namespace MrfAd.Engine.Search;

/// <summary>A panel of queries while it is searched for: its vectors, its bounds and the best rows so far.</summary>
internal sealed unsafe class QueryPanel : IDisposable
{
    // Channels that are transposed together: their cache lines for all queries of the panel fit the first level.
    private const int TransposedChannels = 64;

    private readonly NativeFloats _queries = new();
    private readonly NativeFloats _projected = new();
    private readonly NativeFloats _lanes = new(4L * Width);

    /// <summary>[Width, D].</summary>
    public Span<float> Queries => new(_queries.Start, Width * Dimension);

    /// <summary>[d + 1, Width].</summary>
    public Span<float> Projected => new(_projected.Start, ProjectedValues * Width);

    /// <summary>[Width]: ‖q − μ‖².</summary>
    public Span<float> SquaredNorms => Lane(0);

    /// <summary>[Width]: the lengths of the projected queries without their first coordinates, rounded up.</summary>
    public Span<float> Residuals => Lane(1);

    /// <summary>[Width]: a row whose score is not above its query's limit is not nearer than the best one. +∞: not a query, or at distance 0.</summary>
    public Span<float> Limits => Lane(2);

    /// <summary>[Width]: ‖q − b‖² of the best row so far.</summary>
    public Span<float> BestSquared => Lane(3);

    /// <summary>[Width]: the best row so far, or −1.</summary>
    public int[] BestRows { get; } = new int[PanelKernel.PanelQueries];

    /// <summary>Rows before this one are compared in full.</summary>
    public int FullUntil { get; set; }

    private static int Width => PanelKernel.PanelQueries;

    private int Dimension { get; set; }

    private int ProjectedValues { get; set; }

    /// <summary>[D].</summary>
    public Span<float> Query(int i) => Queries.Slice(i * Dimension, Dimension);

    /// <summary>Makes room for queries of D = <paramref name="dimension"/> values, projected to <paramref name="projectedValues"/>.</summary>
    public void Require(int dimension, int projectedValues)
    {
        (Dimension, ProjectedValues) = (dimension, projectedValues);
        _queries.Require((long)Width * dimension);
        _projected.Require((long)Width * projectedValues);
    }

    /// <summary>Takes in the queries from <paramref name="first"/> on; those past the end repeat the last one.</summary>
    /// <param name="source">[count, D] or [D, count] as <paramref name="layout"/> says.</param>
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

    /// <summary>The queries about the mean.</summary>
    /// <param name="target">[D, Width], filled.</param>
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
