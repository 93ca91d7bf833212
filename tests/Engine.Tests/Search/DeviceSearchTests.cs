using MrfAd.Engine.Search;
using MrfAd.Onnx.Sessions;

namespace MrfAd.Engine.Tests.Search;

/// <summary>
/// The GPU's models on the CPU provider: the same values rounded at the same places (only the products of fp16 are made in fp32, for this
/// provider would add them up in fp16), so what is shown here is everything but its speed and the device itself.
/// </summary>
public sealed class DeviceSearchTests : IDisposable
{
    private readonly SearchDevice _device = SearchDevice.Open(OnnxDevice.Cpu);

    public void Dispose() => _device.Dispose();

    [Theory]
    [InlineData(1024, 8, RowPrecision.Fp32)]
    [InlineData(1200, 49, RowPrecision.Fp32)]
    [InlineData(1391, 96, RowPrecision.Fp16)]
    [InlineData(1100, 130, RowPrecision.Int8)]
    public void Finds_the_nearest_row_within_the_tolerance_it_states(int rows, int dimension, RowPrecision precision)
    {
        var random = new Random(rows);
        using var bank = TestRows.Store(TestRows.Clustered(random, rows, dimension, 30, 0.2), dimension, precision);
        using var search = new DeviceSearch(_device, bank.Exact);
        search.Check();
        var queries = TestRows.Clustered(random, 120, dimension, 30, 0.3);
        foreach (var layout in Enum.GetValues<FeatureLayout>())
        {
            var (distances, indices) = Run(search, layout == FeatureLayout.PatchesFirst ? queries : Transposed(queries, dimension), layout, 120);
            for (var i = 0; i < distances.Length; i++)
            {
                var query = queries.AsSpan(i * dimension, dimension);
                Assert.Equal(bank.Distance(query, indices[i]), distances[i], search.Tolerance);
                Assert.InRange(distances[i], 0, bank.Nearest(query, RowRange.None) * 1.001 + (2 * search.Tolerance));
            }
        }
    }

    /// <summary>Data that are hard for fp16: rows far from zero, equal ones, a query that is a row, and queries a hundred thousand times as far away as any row.</summary>
    [Fact]
    public void Neither_offsets_nor_distances_make_an_answer_wrong()
    {
        const int Rows = 1500, Dimension = 64;
        var random = new Random(3);
        var values = TestRows.Clustered(random, Rows, Dimension, 10, 0.1);
        for (var i = 0; i < values.Length; i++)
            values[i] += 500;
        Array.Copy(values, 0, values, 700 * Dimension, 100 * Dimension);
        using var bank = TestRows.Store(values, Dimension, RowPrecision.Fp32);
        using var search = new DeviceSearch(_device, bank.Exact);
        var queries = new float[60 * Dimension];
        for (var i = 0; i < 60; i++)
        {
            for (var k = 0; k < Dimension; k++)
                queries[(i * Dimension) + k] = values[(i * Dimension) + k] + (i < 10 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, (i / 10) - 1)));
        }

        var (distances, indices) = Run(search, queries, FeatureLayout.PatchesFirst, 60);
        for (var i = 0; i < 60; i++)
        {
            var query = queries.AsSpan(i * Dimension, Dimension);
            Assert.InRange(distances[i], bank.Nearest(query, RowRange.None) * 0.9999 - search.Tolerance, bank.Nearest(query, RowRange.None) * 1.001 + (2 * search.Tolerance));
            Assert.Equal(bank.Distance(query, indices[i]), distances[i], search.Tolerance + (0.0001 * distances[i]));
        }
    }

    /// <summary>Features of real parts: rows close to each other and all of them far from the mean.</summary>
    [Theory]
    [InlineData(8, 0.3)]
    [InlineData(64, 0.1)]
    [InlineData(384, 0.03)]
    public void Rows_close_to_each_other_are_distinguished(int dimension, double spread)
    {
        const int Rows = 1500, Queries = 300;
        var random = new Random(dimension);
        var values = Enumerable.Range(0, (Rows + Queries) * dimension)
            .Select(i => (float)(((i / dimension) % 2 == 0 ? 1 : -1) * (1 + (i % dimension % 3)) + ((random.NextDouble() - 0.5) * 4 * spread))).ToArray();
        using var bank = TestRows.Store(values[..(Rows * dimension)], dimension, RowPrecision.Fp32);
        using var search = new DeviceSearch(_device, bank.Exact);
        search.Check();
        var (distances, _) = Run(search, values[(Rows * dimension)..], FeatureLayout.PatchesFirst, Queries);
        for (var i = 0; i < Queries; i++)
        {
            var nearest = bank.Nearest(values.AsSpan((Rows + i) * dimension, dimension), RowRange.None);
            Assert.InRange(distances[i], nearest - search.Tolerance, (nearest * 1.001) + (2 * search.Tolerance));
        }
    }

    [Fact]
    public void A_bank_of_several_tiles_is_searched_to_its_last_row()
    {
        const int Rows = 70_001, Dimension = 8;
        var random = new Random(1);
        var values = TestRows.Uniform(random, Rows, Dimension);
        using var bank = TestRows.Store(values, Dimension, RowPrecision.Fp16);
        using var search = new DeviceSearch(_device, bank.Exact);
        int[] wanted = [0, 34_999, 35_000, 69_968, 69_999, 70_000];
        var (_, indices) = Run(search, [.. wanted.SelectMany(r => values.AsSpan(r * Dimension, Dimension).ToArray())], FeatureLayout.PatchesFirst, wanted.Length);
        Assert.Equal(wanted, indices);
        Assert.InRange(_device.Bytes, DeviceSearch.BytesOf(Rows, Dimension), DeviceSearch.BytesOf(Rows + 100, Dimension));
    }

    [Fact]
    public void To_leave_rows_out_is_refused()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 1100, 16), 16, RowPrecision.Fp32);
        using var search = new DeviceSearch(_device, bank.Exact);
        using var scratch = new SearchScratch(1);
        var error = Assert.Throws<ArgumentException>(() => search.Search(new ReadOnlySpan<float>(Row(bank, 5)), FeatureLayout.PatchesFirst, new float[1], new int[1], scratch, new RowRange(0, 10)));
        Assert.Contains("leaves no rows out", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_that_is_no_number_has_no_distance()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 1100, 16), 16, RowPrecision.Fp32);
        using var search = new DeviceSearch(_device, bank.Exact);
        var queries = Row(bank, 5).Concat(Row(bank, 6)).ToArray();
        queries[3] = float.NaN;
        var (distances, indices) = Run(search, queries, FeatureLayout.PatchesFirst, 2);
        Assert.Equal(float.NaN, distances[0]);
        Assert.InRange(indices[0], 0, 1099);
        Assert.Equal(6, indices[1]);
    }

    private static float[] Row(TestRows bank, int row) => bank.Rows.Get(row, []).ToArray();

    private static (float[] Distances, int[] Indices) Run(DeviceSearch search, float[] queries, FeatureLayout layout, int count)
    {
        using var scratch = new SearchScratch(1);
        var (distances, indices) = (new float[count], new int[count]);
        search.Search(queries, layout, distances, indices, scratch);
        return (distances, indices);
    }

    private static float[] Transposed(float[] queries, int dimension)
    {
        var count = queries.Length / dimension;
        return [.. Enumerable.Range(0, queries.Length).Select(i => queries[(i % count * dimension) + (i / count)])];
    }
}
