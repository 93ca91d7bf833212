using MrfAd.Engine.Features;
using MrfAd.Engine.Search;

namespace MrfAd.Engine.Banks;

/// <summary>Chooses the precision and the number of rows with which a bank fits into a number of bytes.</summary>
internal static class BankBudget
{
    // A bank with fewer rows cannot represent what is normal.
    private const int MinRows = 100;

    // Bytes allowed for the file's header and the names of the images.
    private const long Overhead = 64 * 1024;

    /// <summary>
    /// Returns options that keep all rows at the best precision at which they fit; where they fit at none, as many int8 rows as do: rounding a row to a byte a value
    /// moves distances less than leaving out three rows of four.
    /// </summary>
    /// <exception cref="LearnException">Not even the minimum number of rows fits.</exception>
    public static MrfAdOptions Fit(long budget, MrfAdOptions options, RowSpill pool)
    {
        var branches = Enumerable.Range(0, pool.Count).Select(pool.Search).ToArray();
        var maxRows = branches.Max(b => b.Count);
        if (options.RowsPerBank is { } cap)
            maxRows = Math.Min(maxRows, cap);
        foreach (var precision in Enum.GetValues<RowPrecision>())
        {
            if (Bytes(branches, maxRows, precision) <= budget)
                return options with { Precision = precision, RowsPerBank = maxRows };
        }

        var (fits, fitsNot) = (0, maxRows);
        while (fitsNot - fits > 1)
        {
            var rows = (fits + fitsNot) / 2;
            (fits, fitsNot) = Bytes(branches, rows, RowPrecision.Int8) <= budget ? (rows, fitsNot) : (fits, rows);
        }

        return fits >= MinRows
            ? options with { Precision = RowPrecision.Int8, RowsPerBank = fits }
            : throw new LearnException($"a budget of {budget} bytes holds {fits} rows of each of {branches.Length} banks; want {MinRows}, which take {Bytes(branches, MinRows, RowPrecision.Int8)} bytes");
    }

    private static long Bytes(ExactSearch[] branches, int rows, RowPrecision precision) => Overhead + branches.Sum(b =>
    {
        var (n, d, axes) = ((long)Math.Min(rows, b.Count), b.Dimension, b.Projection);
        var scale = precision == RowPrecision.Int8 ? sizeof(float) : 0;
        return (n * ((d * precision.Bytes()) + scale + ((axes.Stride + 2) * sizeof(float)))) + ((axes.Components + 1L) * d * sizeof(float));
    });
}
