using System.Numerics;

namespace MrfAd.Maker;

/// <summary>
/// The subspace in which samples vary most. Any orthonormal axes that span it will do, since distances are the same.
/// </summary>
/// <param name="Mean">The mean of the samples, [D].</param>
/// <param name="Axes">The orthonormal axes, [K, D].</param>
/// <param name="Kept">The share of the samples' variance within the subspace, 0 to 1.</param>
public sealed record PrincipalAxes(float[] Mean, float[] Axes, double Kept)
{
    // The number of iterations; each shrinks the unwanted directions by the ratio of the eigenvalues.
    private const int Turns = 40;

    /// <param name="rows">The samples, [N, D].</param>
    public static PrincipalAxes Find(float[] rows, int dimension, int axes)
    {
        var count = rows.Length / dimension;
        var mean = new float[dimension];
        for (var i = 0; i < count; i++)
            AddScaled(rows.AsSpan(i * dimension, dimension), 1f / count, mean);
        var covariance = Covariance(rows, mean);
        var random = new Random(1);
        var basis = new float[axes * dimension];
        foreach (ref var value in basis.AsSpan())
            value = random.NextSingle() - 0.5f;
        Orthonormalise(basis, dimension);
        var next = new float[basis.Length];
        double kept = 0;
        for (var turn = 0; turn < Turns; turn++)
        {
            Parallel.For(0, axes, k =>
            {
                for (var d = 0; d < dimension; d++)
                    next[(k * dimension) + d] = Dot(covariance.AsSpan(d * dimension, dimension), basis.AsSpan(k * dimension, dimension));
            });
            kept = Dot(next, basis);
            (basis, next) = (next, basis);
            Orthonormalise(basis, dimension);
        }

        return new PrincipalAxes(mean, basis, kept / Enumerable.Range(0, dimension).Sum(d => (double)covariance[(d * dimension) + d]));
    }

    private static float[] Covariance(float[] rows, float[] mean)
    {
        var dimension = mean.Length;
        var count = rows.Length / dimension;
        var columns = new float[rows.Length]; // [D, N], centred
        for (var i = 0; i < count; i++)
        {
            for (var d = 0; d < dimension; d++)
                columns[(d * count) + i] = rows[(i * dimension) + d] - mean[d];
        }

        var covariance = new float[dimension * dimension];
        Parallel.For(0, dimension, a =>
        {
            for (var b = 0; b <= a; b++)
                covariance[(a * dimension) + b] = covariance[(b * dimension) + a] = Dot(columns.AsSpan(a * count, count), columns.AsSpan(b * count, count)) / count;
        });
        return covariance;
    }

    /// <summary>Orthonormalises the rows by Gram–Schmidt.</summary>
    private static void Orthonormalise(float[] rows, int dimension)
    {
        for (var at = 0; at < rows.Length; at += dimension)
        {
            var row = rows.AsSpan(at, dimension);
            for (var before = 0; before < at; before += dimension)
                AddScaled(rows.AsSpan(before, dimension), -Dot(row, rows.AsSpan(before, dimension)), row);
            var scale = 1 / MathF.Sqrt(Dot(row, row));
            foreach (ref var value in row)
                value *= scale;
        }
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
            sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        var sum = Vector.Sum(sums);
        for (; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    private static void AddScaled(ReadOnlySpan<float> a, float factor, Span<float> to)
    {
        for (var i = 0; i < a.Length; i++)
            to[i] += factor * a[i];
    }
}
