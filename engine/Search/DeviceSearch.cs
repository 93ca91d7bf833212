using MrfAd.Engine.Onnx;

namespace MrfAd.Engine.Search;

/// <summary>
/// The nearest row of a bank that lies in a GPU's memory (eq. 5), in fp16 with fp32 accumulation: two bytes a value whatever the file has.
/// The products go in tiles, so no more of queries × rows is in memory than <see cref="MostProducts"/>. Each query's best candidates are
/// compared again in fp32.
/// </summary>
/// <remarks>
/// The distance of the row found is off by at most R/2048, R being that of the bank's farthest row from its mean. How much farther that row
/// may be than the nearest one depends on the roundings of the products; when a bank is opened, and in the tests, more than a thousandth and 2R/2048 is refused (<see cref="Check"/>).
/// </remarks>
public sealed unsafe class DeviceSearch : IRowSearch, IDisposable
{
    /// <summary>Fewer are searched on the CPU before a GPU has begun.</summary>
    public const int LeastRows = 1024;

    private const int MostTileRows = 65_536;
    private const long MostProducts = 1L << 27; // of two bytes
    private const int QueryStep = 256; // of the numbers of queries for which there is a run: masks make them vary from frame to frame

    private readonly SearchDevice _device;
    private readonly ExactSearch _exact;
    private readonly List<(int First, DeviceTensor Rows)> _tiles = [];
    private readonly int _tileRows;
    private readonly float _unit;

    /// <param name="device">Holds the rows; stays valid as long as this.</param>
    /// <param name="exact">Over the same rows; for the calls that leave rows out, and what <see cref="Check"/> compares with.</param>
    /// <exception cref="ArgumentException">There are fewer rows than <see cref="LeastRows"/>.</exception>
    /// <exception cref="OnnxModelException">The device's memory is full.</exception>
    public DeviceSearch(SearchDevice device, ExactSearch exact)
    {
        if (exact.Count < LeastRows)
            throw new ArgumentException($"want at least {LeastRows} rows, got {exact.Count}", nameof(exact));
        (_device, _exact) = (device, exact);
        var longest = 0f;
        for (var row = 0; row < exact.Count; row++)
            longest = Math.Max(longest, exact.Projected[((long)row * exact.Projection.Stride) + exact.Projection.Components + 1]);
        _unit = longest > 0 ? DeviceGraphs.Radius / MathF.Sqrt(2 * longest) : 1;

        // What is left over by tiles of one size is a small one, as large as the model wants, with some rows that the one before it has too.
        const int Least = DeviceGraphs.Together * DeviceGraphs.Candidates;
        var tiles = (exact.Count + MostTileRows - 1) / MostTileRows;
        _tileRows = exact.Count / tiles / DeviceGraphs.Together * DeviceGraphs.Together;
        try
        {
            for (var first = 0; first < exact.Count; first += _tileRows)
            {
                var count = Math.Min(_tileRows, (exact.Count - first + Least - 1) / Least * Least);
                var start = Math.Min(first, exact.Count - count);
                _tiles.Add((start, device.Bring(exact.Rows, start, count, exact.Projection.Mean, _unit)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Dimension => _exact.Dimension;

    /// <summary>Half of the last bit of fp16, of the farthest row's distance from the mean.</summary>
    public float Tolerance => DeviceGraphs.Radius / 2048 / _unit;

    /// <returns>Bytes that these rows take on the device.</returns>
    public static long BytesOf(int count, int dimension) => 2L * count * (dimension + DeviceGraphs.More);

    /// <inheritdoc/>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default)
    {
        if (exclude.Count > 0)
        {
            _exact.Search(queries, layout, distances, indices, scratch, exclude);
            return;
        }

        var q = distances.Length;
        if (queries.Length != (long)q * Dimension || indices.Length != q)
            throw new ArgumentException($"want {q}x{Dimension} queries and {q} indices, got {queries.Length} values and {indices.Length} indices");
        var most = (int)Math.Max(QueryStep, MostProducts / _tileRows / QueryStep * QueryStep);
        for (var first = 0; first < q; first += most)
        {
            var count = Math.Min(most, q - first);
            var room = (count + QueryStep - 1) / QueryStep * QueryStep;
            var run = _device.RunFor(layout, Dimension, room);
            if (layout == FeatureLayout.PatchesFirst)
            {
                queries.Slice(first * Dimension, count * Dimension).CopyTo(run.Input);
            }
            else
            {
                for (var k = 0; k < Dimension; k++)
                    queries.Slice((k * q) + first, count).CopyTo(run.Input[(k * room)..]);
            }

            new ReadOnlySpan<float>(_exact.Projection.Mean, Dimension).CopyTo(run.InputAt(1));
            run.InputAt(2)[0] = _unit;
            SearchTiles(run, distances.Slice(first, count), indices.Slice(first, count));
        }
    }

    /// <summary>Compares with the exact search, for places between rows of the bank: what a device or its libraries do wrong shows here and not on the line.</summary>
    /// <exception cref="OnnxModelException">A distance is off by more than <see cref="Tolerance"/> and a thousandth.</exception>
    public void Check()
    {
        const int Samples = 64;
        var queries = new float[Samples * Dimension];
        var (room, other) = (new float[Dimension], new float[Dimension]);
        fixed (float* first = room, second = other)
        {
            for (var i = 0; i < Samples; i++)
            {
                var a = _exact.Rows.Get((int)((long)i * _exact.Count / Samples), first);
                var b = _exact.Rows.Get((int)((i + 0.5) * _exact.Count / Samples), second);
                for (var k = 0; k < Dimension; k++)
                    queries[(i * Dimension) + k] = a[k] + (0.1f * i / Samples * (b[k] - a[k]));
            }
        }

        using var scratch = new SearchScratch(1);
        var (got, wanted, indices) = (new float[Samples], new float[Samples], new int[Samples]);
        Search(queries, FeatureLayout.PatchesFirst, got, indices, scratch);
        Array.Fill(indices, -1);
        _exact.Search(queries, FeatureLayout.PatchesFirst, wanted, indices, scratch);
        for (var i = 0; i < Samples; i++)
        {
            if (!(Math.Abs(got[i] - wanted[i]) <= (2 * Tolerance) + (wanted[i] / 1000)))
                throw new OnnxModelException(FormattableString.Invariant($"the device finds a distance of {got[i]} where {wanted[i]} is right (tolerance {2 * Tolerance})"));
        }
    }

    public void Dispose() => _tiles.ForEach(t => t.Rows.Dispose());

    private void SearchTiles(OnnxSession.Run run, Span<float> distances, Span<int> indices)
    {
        distances.Fill(float.PositiveInfinity);
        indices.Clear();
        foreach (var (start, rows) in _tiles)
        {
            run.Bind("prepared", rows);
            run.Execute();
            var found = run.Output(0);
            var at = run.Integers(1);
            for (var i = 0; i < distances.Length; i++)
            {
                if (found[i] < distances[i] || float.IsNaN(found[i]))
                    (distances[i], indices[i]) = (found[i], start + (int)at[i]);
            }
        }
    }
}
