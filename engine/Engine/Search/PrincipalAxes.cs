namespace MrfAd.Engine.Search;

/// <summary>Finds the projection of a bank's rows: axes of greatest variance, by orthogonal iteration on a sample of the rows, in the number with which searches are cheapest.</summary>
internal static class PrincipalAxes
{
    // The number of sampled rows. The subspace need not be the best one: any orthonormal axes give a valid bound.
    private const int MaxSample = 4096;

    // Axes that are found beside the wanted ones.
    private const int SpareAxes = 8;

    // The share of the greatest variance below which an axis consists of rounding errors.
    private const double NothingLeft = 1e-10;

    /// <param name="rows">The rows, [N, D].</param>
    /// <param name="images">The image that each row is made of, [N], or empty; a query never comes from a row's own image.</param>
    /// <param name="seed">The seed of the initial axes, which are random.</param>
    public static Projection Find(BankRows rows, ReadOnlySpan<int> images, int seed)
    {
        var d = rows.Dimension;
        var sample = Sample(rows.Count);
        var mean = Mean(rows, sample);
        var maxAxes = ComponentCount.Max(Math.Min(d / 2, sample.Length / 2));
        if (maxAxes == 0)
            return Projection.Of(mean, []);

        using var centred = Centred(rows, sample, mean);
        var axes = SubspaceIteration.Find(centred, sample.Length, d, maxAxes, new Random(seed));
        var components = ComponentCount.Cheapest(centred, sample.Length, d, axes, Groups(images, sample));
        return Projection.Of(mean, axes.AsSpan(0, components * d));
    }

    /// <summary>Finds the axes of greatest variance, the greatest first.</summary>
    /// <param name="rows">The rows, [N, D].</param>
    /// <param name="count">The number of axes; fewer are returned where D or the number of rows is smaller, or there is no variance in more directions.</param>
    /// <returns>The mean [D], the orthonormal axes [d, D] and the variance along each, [d].</returns>
    public static (float[] Mean, float[] Axes, double[] Variances) Strongest(BankRows rows, int count, int seed)
    {
        var d = rows.Dimension;
        var sample = Sample(rows.Count);
        var mean = Mean(rows, sample);
        // Some axes more than are wanted: those of least variance have not converged yet.
        var tried = Math.Min(count + SpareAxes, Math.Min(d, sample.Length));
        using var centred = Centred(rows, sample, mean);
        var axes = SubspaceIteration.Find(centred, sample.Length, d, tried, new Random(seed));
        var variances = Enumerable.Range(0, tried).Select(a => Variance(centred, sample.Length, axes.AsSpan(a * d, d))).ToArray();
        variances = [.. variances.Take(count).TakeWhile(v => v > NothingLeft * variances[0])];
        return (mean, axes[..(variances.Length * d)], variances);
    }

    private static double Variance(NativeFloats centred, int count, ReadOnlySpan<float> axis)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++)
        {
            var coordinate = PanelKernel.Dot(centred.Slice((long)i * axis.Length, axis.Length), axis);
            sum += (double)coordinate * coordinate;
        }

        return sum / count;
    }

    /// <returns>The indices of sampled rows, evenly spread.</returns>
    private static int[] Sample(int rows)
    {
        var count = Math.Min(MaxSample, rows);
        return [.. Enumerable.Range(0, count).Select(i => (int)((long)i * rows / count))];
    }

    private static float[] Mean(BankRows rows, int[] sample)
    {
        var sum = new double[rows.Dimension];
        var buffer = new float[rows.Dimension];
        foreach (var i in sample)
        {
            var row = rows.Get(i, buffer);
            for (var k = 0; k < sum.Length; k++)
                sum[k] += row[k];
        }

        return [.. sum.Select(s => (float)(s / sample.Length))];
    }

    /// <returns>The sampled rows minus the mean, [sample, D].</returns>
    private static NativeFloats Centred(BankRows rows, int[] sample, float[] mean)
    {
        var d = rows.Dimension;
        var centred = new NativeFloats((long)sample.Length * d);
        var buffer = new float[d];
        for (var i = 0; i < sample.Length; i++)
        {
            var row = rows.Get(sample[i], buffer);
            var target = centred.Slice((long)i * d, d);
            for (var k = 0; k < d; k++)
                target[k] = row[k] - mean[k];
        }

        return centred;
    }

    /// <summary>Returns the image of each sampled row; where images are unknown, each row is a group of its own.</summary>
    private static int[] Groups(ReadOnlySpan<int> images, int[] sample)
    {
        var groups = new int[sample.Length];
        for (var i = 0; i < groups.Length; i++)
            groups[i] = images.IsEmpty ? i : images[sample[i]];
        return groups;
    }
}
