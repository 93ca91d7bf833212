using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

/// <summary>Rows in memory as a bank stores them, a search over them, and the scalar definition of what it should find.</summary>
internal sealed unsafe class TestRows : IDisposable
{
    private readonly byte[] _stored;
    private readonly float[] _scales;
    private readonly System.Runtime.InteropServices.GCHandle _pinned;
    private readonly System.Runtime.InteropServices.GCHandle _pinnedScales;

    private TestRows(byte[] stored, float[] scales, int dimension, RowPrecision precision)
    {
        (_stored, _scales, Dimension) = (stored, scales, dimension);
        _pinned = System.Runtime.InteropServices.GCHandle.Alloc(_stored, System.Runtime.InteropServices.GCHandleType.Pinned);
        _pinnedScales = System.Runtime.InteropServices.GCHandle.Alloc(_scales, System.Runtime.InteropServices.GCHandleType.Pinned);
        Rows = new BankRows((void*)_pinned.AddrOfPinnedObject(), (float*)_pinnedScales.AddrOfPinnedObject(), precision, scales.Length, dimension);
        Exact = ExactSearch.Over(Rows);
    }

    public int Dimension { get; }

    public BankRows Rows { get; }

    public ExactSearch Exact { get; }

    public static TestRows Store(float[] values, int dimension, RowPrecision precision)
    {
        var stored = new byte[values.Length * precision.Bytes()];
        var scales = new float[values.Length / dimension];
        for (var row = 0; row < scales.Length; row++)
            scales[row] = precision.Encode(values.AsSpan(row * dimension, dimension), stored.AsSpan(row * dimension * precision.Bytes()));
        return new TestRows(stored, scales, dimension, precision);
    }

    public static float[] Uniform(Random random, int rows, int dimension) => [.. Enumerable.Range(0, rows * dimension).Select(_ => (float)random.NextDouble() - 0.5f)];

    /// <summary>Rows about centres that lie in a space of few dimensions, as features do.</summary>
    public static float[] Clustered(Random random, int rows, int dimension, int clusters, double spread)
    {
        const int Few = 12;
        var axes = Uniform(random, Few, dimension);
        var centres = Uniform(random, clusters, Few);
        var values = new float[rows * dimension];
        for (var row = 0; row < rows; row++)
        {
            var cluster = random.Next(clusters);
            for (var k = 0; k < dimension; k++)
            {
                var value = spread * (random.NextDouble() - 0.5);
                for (var a = 0; a < Few; a++)
                    value += centres[(cluster * Few) + a] * axes[(a * dimension) + k];
                values[(row * dimension) + k] = (float)value;
            }
        }

        return values;
    }

    public (float[] Distances, int[] Indices) Search(float[] queries, FeatureLayout layout, int workers, RowRange exclude = default, int[]? guesses = null)
    {
        using var scratch = new SearchScratch(workers);
        var distances = new float[queries.Length / Dimension];
        var indices = guesses ?? [.. Enumerable.Repeat(-1, distances.Length)];
        Exact.Search(queries, layout, distances, indices, scratch, exclude);
        return (distances, indices);
    }

    /// <summary>The definition: the least of all distances, in fp64, to the rows as they are stored.</summary>
    public double Nearest(ReadOnlySpan<float> query, RowRange exclude)
    {
        var least = double.PositiveInfinity;
        for (var row = 0; row < Rows.Count; row++)
        {
            if (row < exclude.Start || row >= exclude.End)
                least = Math.Min(least, Distance(query, row));
        }

        return least;
    }

    public double Distance(ReadOnlySpan<float> query, int row)
    {
        var sum = 0.0;
        for (var k = 0; k < Dimension; k++)
        {
            var at = (row * Dimension) + k;
            float value = Rows.Precision switch
            {
                RowPrecision.Fp32 => BitConverter.ToSingle(_stored, at * 4),
                RowPrecision.Fp16 => (float)BitConverter.ToHalf(_stored, at * 2),
                _ => (sbyte)_stored[at] * _scales[row],
            };
            sum += ((double)query[k] - value) * ((double)query[k] - value);
        }

        return Math.Sqrt(sum);
    }

    public void Dispose()
    {
        Exact.Dispose();
        _pinned.Free();
        _pinnedScales.Free();
    }
}
