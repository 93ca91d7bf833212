using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

/// <summary>
/// Rows for which the bound is as tight as it can be. Each query has a decoy, which is known from the start, and a row that is nearer and parallel
/// to it: there Cauchy and Schwarz's inequality is an equation, and any bound that is too low rules the nearer row out.
/// </summary>
public sealed class SearchBoundTests
{
    private const int Dimension = 96;
    private const int Queries = 200;

    // At most one in this many rows is compared whatever the bound says; the nearer rows lie between those.
    private const int Step = 8;

    [Theory]
    [InlineData(0, 0)]   // all values compared
    [InlineData(14, 0)]
    [InlineData(14, 14)] // nothing but the residual
    [InlineData(46, 0)]
    [InlineData(46, 16)] // nothing in the first coordinates, which are compared first
    [InlineData(46, 46)]
    public void A_row_that_a_bound_one_per_cent_lower_would_rule_out_is_found(int components, int from) =>
        AssertNearerRowsAreFound(components, from, nearer: 0.01f, decoy: 0.08f);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(14, 0)]
    [InlineData(14, 14)]
    [InlineData(46, 0)]
    [InlineData(46, 16)]
    [InlineData(46, 46)]
    public void A_row_that_is_nearer_by_less_than_products_are_rounded_is_found(int components, int from) =>
        AssertNearerRowsAreFound(components, from, nearer: 3e-4f, decoy: 4e-4f);

    /// <param name="from">The first axis on which the vectors are not 0.</param>
    /// <param name="nearer">The distance of the row to be found; queries have length 1.</param>
    /// <param name="decoy">The distance of the row known from the start.</param>
    private static void AssertNearerRowsAreFound(int components, int from, float nearer, float decoy)
    {
        var random = new Random(components + from);
        var queries = new float[Queries * Dimension];
        var rows = new float[Queries * Step * Dimension];
        var guesses = new int[Queries];
        for (var i = 0; i < Queries; i++)
        {
            var (query, aside) = (UnitVector(random, from), UnitVector(random, from));
            query.CopyTo(queries, i * Dimension);
            guesses[i] = i * Step;
            for (var row = guesses[i]; row < guesses[i] + Step; row++)
            {
                for (var k = 0; k < Dimension; k++)
                    rows[(row * Dimension) + k] = query[k] + (row == Nearer(guesses[i]) ? nearer * query[k] : decoy * aside[k]);
            }
        }

        using var bank = TestRows.Store(rows, Dimension, RowPrecision.Fp32);
        using var search = ExactSearch.Over(bank.Rows, FirstAxes(components));
        using var scratch = new SearchScratch(1);
        var (distances, found) = (new float[Queries], guesses.ToArray());
        search.Search(queries, FeatureLayout.PatchesFirst, distances, found, scratch);
        Assert.Equal(guesses.Select(Nearer), found);
        Assert.All(distances, d => Assert.Equal(nearer, d, nearer * 1e-2));
    }

    private static int Nearer(int decoy) => decoy + 5;

    /// <summary>The first axes of the space about 0: so the projection of a vector is known.</summary>
    private static Projection FirstAxes(int components)
    {
        var axes = new float[components * Dimension];
        for (var a = 0; a < components; a++)
            axes[(a * Dimension) + a] = 1;
        return Projection.Of(new float[Dimension], axes);
    }

    private static float[] UnitVector(Random random, int from)
    {
        var values = Enumerable.Range(0, Dimension).Select(k => k < from ? 0 : random.NextDouble() - 0.5).ToArray();
        var length = Math.Sqrt(values.Sum(v => v * v));
        return [.. values.Select(v => (float)(v / length))];
    }
}
