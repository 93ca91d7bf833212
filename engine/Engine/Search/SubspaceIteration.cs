using System.Numerics;

namespace MrfAd.Engine.Search;

/// <summary>Orthogonal iteration: axes are multiplied by XᵀX and made orthonormal, in turns, until they span the directions of greatest variance.</summary>
internal static class SubspaceIteration
{
    // The number of iterations; each shrinks the unwanted directions by the ratio of the eigenvalues.
    private const int Turns = 6;

    // An axis shortened to this share of its length consists of rounding errors.
    private const double NothingLeft = 1e-9;

    // Below this the square of a length is a subnormal number.
    private const double MinLength = 1e-150;

    /// <param name="x">The sampled rows minus the mean, [count, D].</param>
    /// <returns>The orthonormal axes, [p, D], the axis of the greatest variance first.</returns>
    public static float[] Find(NativeFloats x, int count, int d, int p, Random random)
    {
        using var transposed = Transposed(x, count, d);
        using var columns = new PanelColumns(d, p);   // the axes
        using var products = new PanelColumns(count, p);  // the rows' coordinates on the axes
        var axes = RandomAxes(p, d, random);
        for (var turn = 0; ; turn++)
        {
            Orthonormalise(axes, random);
            columns.Set(axes);
            columns.MultiplyBy(x, products);
            if (turn == Turns)
                break;
            products.MultiplyBy(transposed, columns);
            columns.Get(axes);
        }

        var variances = Enumerable.Range(0, p).Select(products.SumOfSquares).ToArray();
        return [.. Enumerable.Range(0, p).OrderByDescending(a => variances[a]).SelectMany(a => axes[a].Select(v => (float)v))];
    }

    /// <returns>Random orthonormal axes, [p, D], each direction equally likely.</returns>
    public static float[] Random(int p, int d, Random random)
    {
        var axes = RandomAxes(p, d, random);
        Orthonormalise(axes, random);
        return [.. axes.SelectMany(axis => axis.Select(v => (float)v))];
    }

    private static NativeFloats Transposed(NativeFloats x, int count, int d)
    {
        var transposed = new NativeFloats((long)count * d);
        var target = transposed.All;
        for (var i = 0; i < count; i++)
        {
            var row = x.Slice((long)i * d, d);
            for (var k = 0; k < d; k++)
                target[(k * count) + i] = row[k];
        }

        return transposed;
    }

    private static double[][] RandomAxes(int p, int d, Random random) => [.. Enumerable.Range(0, p).Select(_ => Gaussian(d, random))];

    private static double[] Gaussian(int d, Random random) =>
        [.. Enumerable.Range(0, d).Select(_ => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()))];

    /// <summary>Orthonormalises the axes by Gram–Schmidt, run twice; an axis that depends on earlier ones is replaced by a random one.</summary>
    private static void Orthonormalise(double[][] axes, Random random)
    {
        for (var a = 0; a < axes.Length; a++)
        {
            for (var turn = 0; turn < 2; turn++)
            {
                if (TryRemove(axes.AsSpan(0, a), axes[a]))
                    continue;
                for (var k = 0; k < axes[a].Length; k++)
                    axes[a][k] = random.NextDouble() - 0.5;
                turn = -1;
            }
        }
    }

    /// <summary>Subtracts the projections on earlier axes from an axis and scales it to length 1.</summary>
    /// <returns>False where the axis depends on the earlier ones.</returns>
    private static bool TryRemove(ReadOnlySpan<double[]> earlier, double[] axis)
    {
        var before = Math.Sqrt(Dot(axis, axis));
        foreach (var other in earlier)
        {
            var share = Dot(axis, other);
            for (var k = 0; k < axis.Length; k++)
                axis[k] -= share * other[k];
        }

        var length = Math.Sqrt(Dot(axis, axis));
        if (length <= NothingLeft * before || length < MinLength)
            return false;
        for (var k = 0; k < axis.Length; k++)
            axis[k] /= length;
        return true;
    }

    private static double Dot(double[] a, double[] b)
    {
        var sum = Vector<double>.Zero;
        var k = 0;
        for (; k <= a.Length - Vector<double>.Count; k += Vector<double>.Count)
            sum += new Vector<double>(a, k) * new Vector<double>(b, k);
        var total = Vector.Sum(sum);
        for (; k < a.Length; k++)
            total += a[k] * b[k];
        return total;
    }
}
