using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Onnx.Tensors;

namespace MrfAd.Engine.Search;

/// <summary>
/// Searches for the nearest row of a bank in a GPU's memory (eq. 5), in fp16 with fp32 accumulation: two bytes a value whatever the file has.
/// The products are computed in tiles, so that at most <see cref="MaxProducts"/> of queries × rows are in memory. Each query's best candidates are
/// compared again in fp32.
/// </summary>
/// <remarks>
/// The distance of the row found is off by at most R/2048, R being that of the bank's farthest row from its mean. How much farther that row
/// may be than the nearest one depends on the roundings of the products; when a bank is opened, and in the tests, more than a thousandth and 2R/2048 is refused (<see cref="Check"/>).
/// </remarks>
public sealed unsafe class DeviceSearch : IRowSearch, IDisposable
{
    /// <summary>Minimum number of rows of a bank; with fewer, the CPU is faster than starting a GPU.</summary>
    public const int MinRows = 1024;

    private const int MaxTileRows = 65_536;
    private const long MaxProducts = 1L << 27; // two bytes each
    private const int QueryStep = 256; // numbers of queries are rounded up to this: masks make them vary from frame to frame

    private readonly SearchDevice _device;
    private readonly ExactSearch _exact;
    private readonly RuntimeTensor _mean;
    private readonly List<(int First, RuntimeTensor Rows)> _tiles = [];
    private readonly int _tileRows;
    private readonly RuntimeTensor _unit;
    private RuntimeTensor? _features; // input for features from this process's memory

    /// <param name="device">The device that holds the rows; it must stay open as long as this object is used.</param>
    /// <param name="exact">The exact search over the same rows, with which <see cref="Check"/> compares.</param>
    /// <exception cref="ArgumentException">There are fewer rows than <see cref="MinRows"/>.</exception>
    /// <exception cref="OnnxModelException">The device's memory is full.</exception>
    public DeviceSearch(SearchDevice device, ExactSearch exact)
    {
        if (exact.Count < MinRows)
            throw new ArgumentException($"want at least {MinRows} rows, got {exact.Count}", nameof(exact));
        (_device, _exact) = (device, exact);
        var longest = 0f;
        for (var row = 0; row < exact.Count; row++)
            longest = Math.Max(longest, exact.Projected[((long)row * exact.Projection.Stride) + exact.Projection.Components + 1]);
        var unit = longest > 0 ? DeviceGraphs.Radius / MathF.Sqrt(2 * longest) : 1;
        Tolerance = DeviceGraphs.Radius / 2048 / unit;
        (_mean, _unit) = (RuntimeTensor.Here(TensorType.F32, 1, Dimension), RuntimeTensor.Here(TensorType.F32, 1));
        new ReadOnlySpan<float>(exact.Projection.Mean, Dimension).CopyTo(_mean.Values<float>());
        _unit.Values<float>()[0] = unit;

        // The rows left over by tiles of one size form a small tile, rounded up to the model's multiple by rows that the tile before it has, too.
        const int TileStep = DeviceGraphs.GroupRows * DeviceGraphs.Candidates;
        var tiles = (exact.Count + MaxTileRows - 1) / MaxTileRows;
        _tileRows = exact.Count / tiles / DeviceGraphs.GroupRows * DeviceGraphs.GroupRows;
        try
        {
            for (var first = 0; first < exact.Count; first += _tileRows)
            {
                var count = Math.Min(_tileRows, (exact.Count - first + TileStep - 1) / TileStep * TileStep);
                var start = Math.Min(first, exact.Count - count);
                _tiles.Add((start, device.Upload(exact.Rows, start, count, exact.Projection.Mean, unit)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Dimension => _exact.Dimension;

    /// <summary>The absolute tolerance of a distance: the relative rounding of fp16 times the farthest row's distance from the mean.</summary>
    public float Tolerance { get; }

    /// <returns>The number of bytes that the rows take on the device.</returns>
    public static long BytesOf(int count, int dimension) => 2L * count * (dimension + DeviceGraphs.ExtraCoordinates);

    /// <remarks>Excluding rows is not supported.</remarks>
    /// <inheritdoc/>
    public void Search(
        ReadOnlySpan<float> queries, FeatureLayout layout, Span<float> distances, Span<int> indices, SearchScratch scratch, RowRange exclude = default)
    {
        if (exclude.Count > 0)
            throw new ArgumentException($"a device's search leaves no rows out, got {exclude}", nameof(exclude));
        if (queries.Length != (long)distances.Length * Dimension)
            throw new ArgumentException($"want {distances.Length}x{Dimension} queries, got {queries.Length} values", nameof(queries));
        Search(Wrap(queries, layout), layout, 0, [], distances, indices);
    }

    /// <summary>Searches with features that an encoder has left on the device.</summary>
    /// <param name="features">The features, [1, T, D] or [1, D, h, w] as <paramref name="layout"/> says, fp32 or fp16.</param>
    /// <param name="prefix">The number of tokens before the patches in T.</param>
    /// <param name="patches">The indices of the queries, [Q], after the prefix or among h·w; empty means the first Q.</param>
    /// <param name="distances">The distances to fill, [Q].</param>
    /// <param name="indices">The row indices to fill, [Q].</param>
    /// <exception cref="ArgumentException">The lengths do not fit together.</exception>
    /// <exception cref="OnnxModelException">The device fails.</exception>
    public void Search(RuntimeTensor features, FeatureLayout layout, int prefix, ReadOnlySpan<int> patches, Span<float> distances, Span<int> indices)
    {
        var q = distances.Length;
        if (indices.Length != q || (patches.Length != q && !patches.IsEmpty))
            throw new ArgumentException($"want {q} patches and indices, got {patches.Length} and {indices.Length}");
        var maxQueries = (int)Math.Max(QueryStep, MaxProducts / _tileRows / QueryStep * QueryStep);
        for (var first = 0; first < q; first += maxQueries)
        {
            var count = Math.Min(maxQueries, q - first);
            var padded = (count + QueryStep - 1) / QueryStep * QueryStep;
            var chosen = _device.PatchesFor(padded);
            var places = chosen.Values<long>();
            for (var i = 0; i < padded; i++)
            {
                var at = first + Math.Min(i, count - 1);
                places[i] = prefix + (patches.IsEmpty ? at : patches[at]);
            }

            var run = _device.RunFor(layout, features.Type, padded);
            run.Bind("features", features);
            run.Bind("patches", chosen);
            run.Bind("mean", _mean);
            run.Bind("unit", _unit);
            SearchTiles(run, distances.Slice(first, count), indices.Slice(first, count));
        }
    }

    /// <summary>Compares results with the exact search, for queries between rows of the bank, so that errors of a device or its libraries show at start and not in production.</summary>
    /// <exception cref="OnnxModelException">A distance is off by more than <see cref="Tolerance"/> and a thousandth.</exception>
    public void Check()
    {
        const int Samples = 64;
        var queries = new float[Samples * Dimension];
        var (buffer, other) = (new float[Dimension], new float[Dimension]);
        for (var i = 0; i < Samples; i++)
        {
            var a = _exact.Rows.Get((int)((long)i * _exact.Count / Samples), buffer);
            var b = _exact.Rows.Get((int)((i + 0.5) * _exact.Count / Samples), other);
            for (var k = 0; k < Dimension; k++)
                queries[(i * Dimension) + k] = a[k] + (0.1f * i / Samples * (b[k] - a[k]));
        }

        using var scratch = new SearchScratch(1);
        var (actual, expected, indices) = (new float[Samples], new float[Samples], new int[Samples]);
        Search(queries, FeatureLayout.PatchesFirst, actual, indices, scratch);
        Array.Fill(indices, -1);
        _exact.Search(queries, FeatureLayout.PatchesFirst, expected, indices, scratch);
        for (var i = 0; i < Samples; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= (2 * Tolerance) + (expected[i] / 1000)))
                throw new OnnxModelException(FormattableString.Invariant($"the device finds a distance of {actual[i]} where {expected[i]} is right (tolerance {2 * Tolerance})"));
        }
    }

    public void Dispose()
    {
        _tiles.ForEach(t => t.Rows.Dispose());
        _mean.Dispose();
        _unit.Dispose();
        _features?.Dispose();
    }

    private RuntimeTensor Wrap(ReadOnlySpan<float> features, FeatureLayout layout)
    {
        var count = features.Length / Dimension;
        long[] shape = layout == FeatureLayout.PatchesFirst ? [1, count, Dimension] : [1, Dimension, 1, count];
        if (_features is null || !_features.Shape.SequenceEqual(shape))
        {
            _features?.Dispose();
            _features = RuntimeTensor.Here(TensorType.F32, shape);
        }

        features.CopyTo(_features.Values<float>());
        return _features;
    }

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
