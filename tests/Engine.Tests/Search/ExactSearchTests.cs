using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

public sealed unsafe class ExactSearchTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 7, 5)]
    [InlineData(49, 23, 3)]
    [InlineData(97, 131, 384)]
    [InlineData(50, 400, 385)]
    public void Every_distance_is_the_scalar_definition_s(int queries, int rows, int dimension)
    {
        var random = new Random(queries + rows + dimension);
        var bank = Values(random, rows * dimension);
        var query = Values(random, queries * dimension);
        foreach (var layout in Enum.GetValues<FeatureLayout>())
        {
            foreach (var workers in new[] { 1, 2, 5 })
            {
                var (distances, indices) = Search(bank, rows, dimension, query, queries, layout, workers, default);
                for (var i = 0; i < queries; i++)
                {
                    Assert.Equal(Nearest(bank, rows, dimension, query, queries, layout, i, default), distances[i], 1e-5);
                    Assert.Equal(Distance(bank, dimension, query, queries, layout, i, indices[i]), distances[i], 1e-5);
                }
            }
        }
    }

    [Fact]
    public void A_query_that_is_in_the_bank_is_at_distance_zero()
    {
        var bank = Values(new Random(1), 100 * 64);
        var (distances, indices) = Search(bank, 100, 64, bank, 100, FeatureLayout.PatchesFirst, 2, default);
        Assert.All(distances, d => Assert.Equal(0f, d));
        Assert.Equal(Enumerable.Range(0, 100), indices);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 37)]
    [InlineData(90, 100)]
    public void An_excluded_row_is_never_the_answer(int start, int end)
    {
        var bank = Values(new Random(2), 100 * 16);
        var (distances, indices) = Search(bank, 100, 16, bank, 100, FeatureLayout.PatchesFirst, 2, new RowRange(start, end));
        for (var i = 0; i < 100; i++)
        {
            Assert.False(indices[i] >= start && indices[i] < end);
            Assert.Equal(Nearest(bank, 100, 16, bank, 100, FeatureLayout.PatchesFirst, i, new RowRange(start, end)), distances[i], 1e-5);
        }
    }

    [Fact]
    public void With_every_row_excluded_there_is_nothing_to_compare_with()
    {
        Assert.Throws<ArgumentException>(() => Search(new float[8], 4, 2, new float[2], 1, FeatureLayout.PatchesFirst, 1, new RowRange(0, 4)));
    }

    [Fact]
    public void Nothing_is_allocated_for_a_query()
    {
        var bank = Values(new Random(3), 500 * 32);
        fixed (float* rows = bank)
        {
            using var search = ExactSearch.Over(new BankRows(rows, null, RowPrecision.Fp32, 500, 32));
            using var scratch = new SearchScratch(1);
            var (distances, indices) = (new float[500], new int[500]);
            search.Search(bank, FeatureLayout.PatchesFirst, distances, indices, scratch);
            var before = GC.GetAllocatedBytesForCurrentThread();
            search.Search(bank, FeatureLayout.PatchesFirst, distances, indices, scratch);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static (float[] Distances, int[] Indices) Search(
        float[] bank, int rows, int dimension, float[] query, int queries, FeatureLayout layout, int workers, RowRange exclude)
    {
        fixed (float* pointer = bank)
        {
            using var search = ExactSearch.Over(new BankRows(pointer, null, RowPrecision.Fp32, rows, dimension));
            using var scratch = new SearchScratch(workers);
            var (distances, indices) = (new float[queries], new int[queries]);
            search.Search(query, layout, distances, indices, scratch, exclude);
            return (distances, indices);
        }
    }

    private static double Nearest(float[] bank, int rows, int dimension, float[] query, int queries, FeatureLayout layout, int i, RowRange exclude) =>
        Enumerable.Range(0, rows).Where(r => r < exclude.Start || r >= exclude.End).Min(r => Distance(bank, dimension, query, queries, layout, i, r));

    private static double Distance(float[] bank, int dimension, float[] query, int queries, FeatureLayout layout, int i, int row)
    {
        var sum = 0.0;
        for (var k = 0; k < dimension; k++)
        {
            var d = (double)query[layout == FeatureLayout.PatchesFirst ? (i * dimension) + k : (k * queries) + i] - bank[(row * dimension) + k];
            sum += d * d;
        }

        return Math.Sqrt(sum);
    }

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
}
