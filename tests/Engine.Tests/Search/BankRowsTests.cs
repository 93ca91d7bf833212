using MrfAd.Engine.Search;

namespace MrfAd.Engine.Tests.Search;

public sealed class BankRowsTests
{
    [Theory]
    [InlineData(RowPrecision.Fp32, 4, 0)]
    [InlineData(RowPrecision.Fp16, 2, 5e-4)]
    [InlineData(RowPrecision.Int8, 1, 4e-3)]
    public void Rows_are_read_back_one_by_one_and_together_as_they_were_stored(RowPrecision precision, int bytes, double tolerance)
    {
        const int Rows = 5, Dimension = 21; // twice eight values at once, and five after them
        var values = TestRows.Uniform(new Random(1), Rows, Dimension);
        using var bank = TestRows.Store(values, Dimension, precision);
        var buffer = new float[3 * Dimension];

        Assert.Equal(bytes, precision.Bytes());
        Assert.Equal((Rows, Dimension, precision), (bank.Rows.Count, bank.Rows.Dimension, bank.Rows.Precision));
        Assert.Equal(bytes * Dimension, bank.Rows.Stored(4).Length);
        for (var row = 0; row < Rows; row++)
            AssertNear(values.AsSpan(row * Dimension, Dimension), bank.Rows.Get(row, buffer), tolerance);
        AssertNear(values.AsSpan(Dimension, 3 * Dimension), bank.Rows.Get(1, 3, buffer), tolerance);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(100)]
    public void A_distance_is_the_definition_s_and_beyond_the_limit_no_less_than_the_limit(int dimension)
    {
        foreach (var precision in Enum.GetValues<RowPrecision>())
        {
            var random = new Random(dimension);
            using var bank = TestRows.Store(TestRows.Uniform(random, 9, dimension), dimension, precision);
            var query = TestRows.Uniform(random, 1, dimension);
            for (var row = 0; row < 9; row++)
            {
                var squared = Math.Pow(bank.Distance(query, row), 2);
                Assert.Equal(squared, bank.Rows.SquaredDistance(query, row, float.PositiveInfinity), 1e-5 * squared);
                Assert.True(bank.Rows.SquaredDistance(query, row, (float)squared / 4) >= (float)squared / 4);
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => bank.Rows.SquaredDistance(new float[dimension - 1], 0, 1));
        }
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(-1, 4)]
    [InlineData(4, 0)]
    [InlineData(4, -1)]
    public unsafe void A_bank_has_rows_and_they_have_values(int count, int dimension) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BankRows(null, null, RowPrecision.Fp32, count, dimension));

    [Fact]
    public void A_value_that_fp16_cannot_hold_is_refused_and_the_largest_that_it_can_is_not()
    {
        var target = new byte[4];
        Assert.Equal(1, RowPrecision.Fp16.Encode([65504, -65504], target));
        Assert.Equal("fp16 holds values up to 65504, got 70000", Assert.Throws<OverflowException>(() => RowPrecision.Fp16.Encode([1, 70000], target)).Message);
    }

    [Fact]
    public void A_row_of_int8_uses_its_whole_range_on_both_sides_and_one_of_zeros_stays_so()
    {
        var target = new byte[4];
        Assert.Equal(2f / 127, RowPrecision.Int8.Encode([2, -2, 0.5f, 0], target));
        Assert.Equal([127, -127, 32, 0], target.Select(b => (int)(sbyte)b));
        Assert.Equal(0, RowPrecision.Int8.Encode([0, 0, 0, 0], target));
        Assert.All(target, b => Assert.Equal(0, b));
    }

    private static void AssertNear(ReadOnlySpan<float> wanted, ReadOnlySpan<float> got, double tolerance)
    {
        Assert.Equal(wanted.Length, got.Length);
        for (var i = 0; i < wanted.Length; i++)
            Assert.Equal(wanted[i], got[i], tolerance);
    }
}
