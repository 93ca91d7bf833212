using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

public sealed class CoresetTests
{
    [Theory]
    [InlineData(300, 20, 40)]
    [InlineData(6000, 9, 500)]
    public void It_covers_the_rows_as_closely_as_the_greedy_definition(int rows, int dimension, int keep)
    {
        var values = TestRows.Clustered(new Random(rows), rows, dimension, 25, 0.4);
        using var bank = TestRows.Store(values, dimension, RowPrecision.Fp32);
        var chosen = Coreset.Choose(bank.Rows, keep, seed: 3, null, default);
        Assert.Equal(keep, chosen.Distinct().Count());
        Assert.Equal(chosen.Order(), chosen);

        // The definition begins at the same row: the one chosen first.
        var first = Coreset.Choose(bank.Rows, 1, seed: 3, null, default)[0];
        var greedy = Greedy(values, dimension, first, keep);
        Assert.Equal(Radius(values, dimension, greedy), Radius(values, dimension, chosen), 1e-4);
    }

    [Fact]
    public void A_rare_row_is_kept()
    {
        var values = TestRows.Clustered(new Random(5), 5000, 30, 5, 0.2);
        for (var k = 0; k < 30; k++)
            values[(1234 * 30) + k] += 10;
        using var bank = TestRows.Store(values, 30, RowPrecision.Fp32);
        Assert.Contains(1234, Coreset.Choose(bank.Rows, 10, seed: 1, null, default));
    }

    [Fact]
    public void Equal_rows_can_all_be_kept_and_progress_ends_at_the_whole()
    {
        using var bank = TestRows.Store(new float[50 * 4], 4, RowPrecision.Fp32);
        var last = 0;
        Assert.Equal(Enumerable.Range(0, 50), Coreset.Choose(bank.Rows, 50, seed: 1, done => last = done, default));
        Assert.Equal(50, last);
    }

    [Fact]
    public void The_same_seed_chooses_the_same_rows_and_another_one_begins_elsewhere()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 500, 6), 6, RowPrecision.Fp32);
        var chosen = Coreset.Choose(bank.Rows, 20, seed: 1, null, default);
        Assert.Equal(chosen, Coreset.Choose(bank.Rows, 20, seed: 1, null, default));
        Assert.NotEqual(chosen, Coreset.Choose(bank.Rows, 20, seed: 2, null, default));
    }

    [Fact]
    public void No_row_and_more_rows_than_there_are_cannot_be_chosen()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 5, 6), 6, RowPrecision.Fp32);
        Assert.Throws<ArgumentOutOfRangeException>(() => Coreset.Choose(bank.Rows, 0, seed: 1, null, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => Coreset.Choose(bank.Rows, 6, seed: 1, null, default));
        Assert.Single(Coreset.Choose(bank.Rows, 1, seed: 1, null, default));
    }

    [Fact]
    public void A_choice_that_is_cancelled_ends()
    {
        using var bank = TestRows.Store(TestRows.Uniform(new Random(1), 50, 6), 6, RowPrecision.Fp32);
        Assert.Throws<OperationCanceledException>(() => Coreset.Choose(bank.Rows, 5, seed: 1, null, new CancellationToken(canceled: true)));
    }

    private static List<int> Greedy(float[] values, int d, int first, int keep)
    {
        var chosen = new List<int> { first };
        var distances = Enumerable.Repeat(double.PositiveInfinity, values.Length / d).ToArray();
        while (true)
        {
            for (var i = 0; i < distances.Length; i++)
                distances[i] = Math.Min(distances[i], Squared(values, d, i, chosen[^1]));
            if (chosen.Count == keep)
                return chosen;
            chosen.Add(Array.IndexOf(distances, distances.Max()));
        }
    }

    private static double Radius(float[] values, int d, IReadOnlyList<int> chosen) =>
        Math.Sqrt(Enumerable.Range(0, values.Length / d).AsParallel().Max(i => chosen.Min(c => Squared(values, d, i, c))));

    private static double Squared(float[] values, int d, int a, int b)
    {
        var sum = 0.0;
        for (var k = 0; k < d; k++)
            sum += Math.Pow((double)values[(a * d) + k] - values[(b * d) + k], 2);
        return sum;
    }
}
