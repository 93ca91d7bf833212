using FsCheck.Xunit;
using MrfAd.Engine.Search;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Search;

public sealed class ExactSearchTests
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
        var query = TestRows.Uniform(random, queries, dimension);
        foreach (var precision in Enum.GetValues<RowPrecision>())
        {
            using var bank = TestRows.Store(TestRows.Uniform(random, rows, dimension), dimension, precision);
            foreach (var workers in new[] { 1, 2, 5 })
            {
                AssertExact(bank, query, FeatureLayout.PatchesFirst, workers);
                AssertExact(bank, query, FeatureLayout.ChannelsFirst, workers);
            }
        }
    }

    /// <summary>Data that are hard for a bound: features in clusters, far from zero, equal and nearly equal ones, zeros, and queries unlike any row.</summary>
    /// <param name="from">Draws the numbers; a failure is shrunk to the fewest rows, dimensions, clusters, duplicates and zeros that still show it.</param>
    [Property(Replay = "1,1", MaxTest = 8, StartSize = 100, EndSize = 100)]
    public void Nothing_about_the_rows_makes_an_answer_wrong(ushort moreRows, byte moreDimensions, byte clusters, byte closeness, byte far, byte duplicates, byte zeros, int from)
    {
        var random = new Random(from);
        var (rows, dimension) = (1 + (moreRows % 2400), 1 + (moreDimensions % 150));
        var values = TestRows.Clustered(random, rows, dimension, 1 + (clusters % 40), spread: Math.Pow(10, -1 - (closeness % 5)));
        for (var i = 0; i < values.Length; i++)
            values[i] += far % 3 * 100;
        for (var i = 0; i < duplicates; i++)
            Array.Copy(values, random.Next(rows) * dimension, values, random.Next(rows) * dimension, dimension);
        for (var i = 0; i < zeros % 20; i++)
            Array.Clear(values, random.Next(rows) * dimension, dimension);
        var queries = TestRows.Uniform(random, 150, dimension);
        for (var i = 0; i < 100; i++) // near a row, or one itself
        {
            var row = random.Next(rows);
            for (var k = 0; k < dimension; k++)
                queries[(i * dimension) + k] = values[(row * dimension) + k] + (i < 20 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, -(i % 6))));
        }

        using var bank = TestRows.Store(values, dimension, RowPrecision.Fp32);
        AssertExact(bank, queries, FeatureLayout.PatchesFirst, workers: 2);
    }

    [Fact]
    public void Guesses_and_workers_change_the_time_and_not_a_bit_of_the_distances()
    {
        var random = new Random(7);
        using var bank = TestRows.Store(TestRows.Clustered(random, 3000, 96, 30, 0.1), 96, RowPrecision.Fp32);
        var queries = TestRows.Clustered(random, 200, 96, 30, 0.1);
        var (expected, nearest) = bank.Search(queries, FeatureLayout.PatchesFirst, workers: 1);
        for (var i = 0; i < 5; i++)
        {
            int[] guesses = [.. nearest.Select(n => i == 0 ? n : random.Next(-1, 3500))];
            Assert.Equal(expected, bank.Search(queries, FeatureLayout.PatchesFirst, workers: 1 + i, guesses: guesses).Distances);
        }
    }

    [Fact]
    public void A_bound_is_the_distance_to_a_row_and_refines_to_the_nearest_one()
    {
        var random = new Random(11);
        using var bank = TestRows.Store(TestRows.Clustered(random, 3000, 96, 30, 0.1), 96, RowPrecision.Fp32);
        var queries = TestRows.Clustered(random, 200, 96, 30, 0.1);
        var exclude = new RowRange(100, 1500);
        var (exact, _) = bank.Search(queries, FeatureLayout.PatchesFirst, workers: 1, exclude);
        using var scratch = new SearchScratch(2);
        var distances = new float[200];
        int[] rows = [.. Enumerable.Range(0, 200).Select(_ => random.Next(-1, 3500))];

        bank.Exact.Search(queries, FeatureLayout.PatchesFirst, distances, rows, scratch, exclude, SearchPass.Bound);

        Assert.Equal(0, scratch.Candidates);
        for (var q = 0; q < 200; q++)
        {
            Assert.True(distances[q] >= exact[q]);
            Assert.False(exclude.Contains(rows[q]));
            Assert.Equal(bank.Distance(queries.AsSpan(q * 96, 96), rows[q]), distances[q], 1e-4);
        }

        Assert.NotEqual(exact, distances);
        bank.Exact.Search(queries, FeatureLayout.PatchesFirst, distances, rows, scratch, exclude, SearchPass.Refine);
        Assert.Equal(exact, distances);
    }

    [Fact]
    public void Most_rows_are_ruled_out_unseen_where_features_lie_near_few_axes()
    {
        var random = new Random(8);
        using var bank = TestRows.Store(TestRows.Clustered(random, 20_000, 256, 200, 0.05), 256, RowPrecision.Fp32);
        using var scratch = new SearchScratch(2);
        var queries = TestRows.Clustered(new Random(8), 100, 256, 200, 0.05);
        bank.Exact.Search(queries, FeatureLayout.PatchesFirst, new float[100], Enumerable.Repeat(-1, 100).ToArray(), scratch);
        Assert.InRange(scratch.Candidates, 100, 100 * 20_000 / 50);
    }

    [Fact]
    public void A_query_that_is_in_the_bank_is_at_distance_zero()
    {
        var values = TestRows.Uniform(new Random(1), 100, 64);
        using var bank = TestRows.Store(values, 64, RowPrecision.Fp32);
        var (distances, indices) = bank.Search(values, FeatureLayout.PatchesFirst, 2);
        Assert.All(distances, d => Assert.Equal(0f, d));
        Assert.Equal(Enumerable.Range(0, 100), indices);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(10, 37)]
    [InlineData(90, 100)]
    public void An_excluded_row_is_never_the_answer(int start, int end)
    {
        var values = TestRows.Uniform(new Random(2), 100, 16);
        using var bank = TestRows.Store(values, 16, RowPrecision.Fp32);
        var exclude = new RowRange(start, end);
        var (distances, indices) = bank.Search(values, FeatureLayout.PatchesFirst, 2, exclude, guesses: [.. Enumerable.Range(0, 100)]);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(indices[i] >= start && indices[i] < end);
            Assert.Equal(bank.Nearest(values.AsSpan(i * 16, 16), exclude), distances[i], 1e-5);
        }
    }

    [Fact]
    public void With_every_row_excluded_there_is_nothing_to_compare_with()
    {
        using var bank = TestRows.Store(new float[8], 2, RowPrecision.Fp32);
        Assert.Throws<ArgumentException>(() => bank.Search(new float[2], FeatureLayout.PatchesFirst, 1, new RowRange(0, 4)));
    }

    [Fact]
    public void An_empty_bank_is_no_bank()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TestRows.Store([], 4, RowPrecision.Fp32));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_query_that_is_not_finite_has_no_finite_distance_and_harms_no_other(float value)
    {
        var values = TestRows.Uniform(new Random(4), 300, 40);
        using var bank = TestRows.Store(values, 40, RowPrecision.Fp32);
        var queries = values[..(10 * 40)];
        queries[(3 * 40) + 7] = value;
        var (distances, _) = bank.Search(queries, FeatureLayout.PatchesFirst, 1);
        Assert.False(float.IsFinite(distances[3]));
        Assert.All(distances.Where((_, i) => i != 3), d => Assert.Equal(0f, d));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Nothing_is_allocated_for_a_query(int workers)
    {
        var values = TestRows.Uniform(new Random(3), 500, 32);
        using var bank = TestRows.Store(values, 32, RowPrecision.Fp32);
        using var scratch = new SearchScratch(workers);
        var (distances, indices) = (new float[500], new int[500]);
        for (var i = 0; i < 3; i++)
            bank.Exact.Search(values, FeatureLayout.PatchesFirst, distances, indices, scratch);
        Assert.Equal(0, Allocations.Min(() => bank.Exact.Search(values, FeatureLayout.PatchesFirst, distances, indices, scratch)));
    }

    [Fact]
    public void The_approximate_search_finds_most_and_never_a_nearer_row_than_there_is()
    {
        var random = new Random(9);
        using var bank = TestRows.Store(TestRows.Clustered(random, 5000, 48, 100, 0.3), 48, RowPrecision.Fp32);
        var queries = TestRows.Clustered(new Random(9), 300, 48, 100, 0.3);
        var (exact, _) = bank.Search(queries, FeatureLayout.PatchesFirst, 2);
        using var ivf = new IvfFlatSearch(bank.Exact, lists: 64, probes: 8);
        using var scratch = new SearchScratch(2);
        var (distances, indices) = (new float[300], new int[300]);
        ivf.Search(queries, FeatureLayout.PatchesFirst, distances, indices, scratch, new RowRange(0, 10));
        var (without, _) = bank.Search(queries, FeatureLayout.PatchesFirst, 2, new RowRange(0, 10));
        for (var i = 0; i < 300; i++)
            Assert.True(distances[i] >= without[i] * (1 - 1e-5f) && indices[i] >= 10);
        ivf.Search(queries, FeatureLayout.PatchesFirst, distances, indices, scratch);
        Assert.InRange(distances.Zip(exact).Count(pair => pair.First <= pair.Second * (1 + 1e-5f)), 270, 300);
    }

    private static void AssertExact(TestRows bank, float[] queries, FeatureLayout layout, int workers)
    {
        var (d, q) = (bank.Dimension, queries.Length / bank.Dimension);
        var given = queries;
        if (layout == FeatureLayout.ChannelsFirst)
            given = [.. Enumerable.Range(0, queries.Length).Select(i => queries[(i % q * d) + (i / q)])];
        var (distances, indices) = bank.Search(given, layout, workers);
        for (var i = 0; i < q; i++)
        {
            var query = queries.AsSpan(i * d, d);
            var expected = bank.Nearest(query, default);
            Assert.Equal(expected, distances[i], 1e-5 * expected);
            Assert.Equal(expected, bank.Distance(query, indices[i]), 1e-5 * expected);
        }
    }
}
