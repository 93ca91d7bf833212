using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

public sealed class IvfFlatSearchTests
{
    private const int Rows = 400, Dimension = 24, Queries = 60;

    [Theory]
    [InlineData(FeatureLayout.PatchesFirst, RowPrecision.Fp32)]
    [InlineData(FeatureLayout.ChannelsFirst, RowPrecision.Fp32)]
    [InlineData(FeatureLayout.PatchesFirst, RowPrecision.Fp16)]
    [InlineData(FeatureLayout.PatchesFirst, RowPrecision.Int8)]
    public void With_every_cluster_probed_it_is_exact(FeatureLayout layout, RowPrecision precision)
    {
        using var bank = TestRows.Store(TestRows.Clustered(new Random(1), Rows, Dimension, 20, 0.3), Dimension, precision);
        var queries = TestRows.Clustered(new Random(2), Queries, Dimension, 20, 0.3);
        using var search = new IvfFlatSearch(bank.Exact, lists: 10, probes: 10);
        Assert.Equal(Dimension, search.Dimension);

        var (distances, indices) = Run(search, layout == FeatureLayout.PatchesFirst ? queries : Transposed(queries), layout);

        AssertNearest(bank, queries, distances, indices, RowRange.None);
    }

    [Fact]
    public void More_clusters_or_probes_than_rows_are_as_many_as_there_are_rows()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 7, Dimension), Dimension, RowPrecision.Fp32);
        var queries = TestRows.Uniform(new Random(2), Queries, Dimension);
        using var search = new IvfFlatSearch(bank.Exact, lists: 50, probes: 50);

        var (distances, indices) = Run(search, queries, FeatureLayout.PatchesFirst);

        AssertNearest(bank, queries, distances, indices, RowRange.None);
    }

    [Fact]
    public void Where_the_nearest_cluster_is_excluded_other_rows_are_found()
    {
        // Two clusters far apart, one after the other.
        var values = TestRows.Uniform(new Random(1), Rows, Dimension);
        for (var i = Rows / 2 * Dimension; i < values.Length; i++)
            values[i] += 100;
        using var bank = TestRows.Store(values, Dimension, RowPrecision.Fp32);
        var queries = TestRows.Uniform(new Random(2), Queries, Dimension);
        using var search = new IvfFlatSearch(bank.Exact, lists: 2, probes: 1);
        var exclude = new RowRange(0, Rows / 2);

        var (distances, indices) = Run(search, queries, FeatureLayout.PatchesFirst, exclude);

        AssertNearest(bank, queries, distances, indices, exclude);
    }

    [Fact]
    public void One_probe_compares_with_the_nearest_cluster_alone()
    {
        // A query on the side of the left cluster whose nearest row belongs to the right one.
        float[] values = [-10, -10, -10, -10, -10, -10, -10, 10, 10, 10, 10, 10, 10, 0.5f];
        using var bank = TestRows.Store(values, 1, RowPrecision.Fp32);
        using var one = new IvfFlatSearch(bank.Exact, lists: 2, probes: 1);
        using var both = new IvfFlatSearch(bank.Exact, lists: 2, probes: 2);
        using var scratch = new SearchScratch(1);
        var (distances, indices) = (new float[1], new int[1]);

        one.Search([-3f], FeatureLayout.PatchesFirst, distances, indices, scratch);
        Assert.Equal(7, distances[0]);
        both.Search([-3f], FeatureLayout.PatchesFirst, distances, indices, scratch);
        Assert.Equal((3.5f, 13), (distances[0], indices[0]));
    }

    [Fact]
    public void A_query_that_is_no_number_has_no_distance_and_a_row_all_the_same()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), Rows, Dimension), Dimension, RowPrecision.Fp32);
        var queries = TestRows.Uniform(new Random(2), Queries, Dimension);
        queries[3] = float.NaN;
        using var search = new IvfFlatSearch(bank.Exact, lists: 8, probes: 2);

        var (distances, indices) = Run(search, queries, FeatureLayout.PatchesFirst);

        Assert.Equal(float.NaN, distances[0]);
        Assert.All(indices, i => Assert.InRange(i, 0, Rows - 1));
        Assert.All(distances[1..], d => Assert.True(float.IsFinite(d)));
    }

    [Fact]
    public void What_does_not_fit_together_is_refused_with_both_numbers()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), Rows, Dimension), Dimension, RowPrecision.Fp32);
        using var search = new IvfFlatSearch(bank.Exact, lists: 8, probes: 2);
        using var scratch = new SearchScratch(1);
        foreach (var any in (IRowSearch[])[search, bank.Exact])
        {
            Assert.Equal($"want 2x{Dimension} queries and 2 indices, got {Dimension} values and 2 indices", Refused(any, Dimension, 2, RowRange.None));
            Assert.Equal($"want 2x{Dimension} queries and 2 indices, got {2 * Dimension} values and 1 indices", Refused(any, 2 * Dimension, 1, RowRange.None));
            Assert.Equal($"all {Rows} rows are excluded: there is nothing to compare with", Refused(any, 2 * Dimension, 2, new RowRange(0, Rows)));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new IvfFlatSearch(bank.Exact, lists: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IvfFlatSearch(bank.Exact, probes: 0));

        string Refused(IRowSearch any, int values, int indices, RowRange exclude) =>
            Assert.Throws<ArgumentException>(() => any.Search(new float[values], FeatureLayout.PatchesFirst, new float[2], new int[indices], scratch, exclude)).Message;
    }

    private static (float[] Distances, int[] Indices) Run(IvfFlatSearch search, float[] queries, FeatureLayout layout, RowRange exclude = default)
    {
        using var scratch = new SearchScratch(2);
        var (distances, indices) = (new float[Queries], new int[Queries]);
        search.Search(queries, layout, distances, indices, scratch, exclude);
        return (distances, indices);
    }

    private static void AssertNearest(TestRows bank, float[] queries, float[] distances, int[] indices, RowRange exclude)
    {
        for (var i = 0; i < Queries; i++)
        {
            var query = queries.AsSpan(i * Dimension, Dimension);
            Assert.Equal(bank.Nearest(query, exclude), distances[i], 1e-4);
            Assert.Equal(bank.Distance(query, indices[i]), distances[i], 1e-4);
        }
    }

    private static float[] Transposed(float[] queries) => [.. Enumerable.Range(0, queries.Length).Select(i => queries[(i % Queries * Dimension) + (i / Queries)])];
}
