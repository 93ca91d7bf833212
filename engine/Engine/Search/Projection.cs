using System.Runtime.Intrinsics;

namespace MrfAd.Engine.Search;

/// <summary>
/// A few orthonormal axes P [d, D] about a mean μ, and for any vector x its d coordinates P(x − μ) together with the length ρ(x) of the residual that
/// they do not represent. By Cauchy and Schwarz (q−μ)·(b−μ) ≤ Pq·Pb + ρ(q)ρ(b), so ‖q−b‖ is never below the distance of the two short vectors
/// (P(x − μ), ρ(x)), which can rule rows out without reading them in full. Features lie close to few axes, so few rows remain.
/// </summary>
public sealed unsafe class Projection : IDisposable
{
    // The number of products that are summed in fp32 before fp64 takes over: rounding grows with the length of a sum, and a larger error admits more rows.
    private const int Chunk = 16;

    // The unit roundoff of fp32.
    private const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>Maximum number of axes, d.</summary>
    public const int MaxComponents = 254;

    private readonly NativeFloats? _own;

    private Projection(NativeFloats? own, float* mean, float* axes, int components, int dimension)
    {
        (_own, Components, Dimension) = (own, components, dimension);
        Mean = mean;
        Axes = axes;
        for (var k = 0; k < dimension; k++)
            MeanNorm += (double)mean[k] * mean[k];
        MeanNorm = Math.Sqrt(MeanNorm);

        // A coordinate's error is at most (chunk + 2)u‖x‖ on either side; there are d of them, then a sum of d + 1 products.
        // Where no projection is used there is a sum of D products.
        const int Partial = Chunk + 2;
        Slack = (float)(UnitRoundoff * (Math.Max((4 * Math.Sqrt(components) * Partial) + components + 1, dimension) + Partial));
    }

    /// <summary>The number of dimensions of a vector, D.</summary>
    public int Dimension { get; }

    /// <summary>The number of axes, d; it may be 0.</summary>
    public int Components { get; }

    /// <summary>The number of values of a projected row: its d coordinates, ρ, and (1 − slack)‖b − μ‖²/2.</summary>
    public int Stride => Components + 2;

    /// <summary>The mean μ, [D].</summary>
    public float* Mean { get; }

    /// <summary>The axes P, [d, D].</summary>
    public float* Axes { get; }

    internal ReadOnlySpan<float> MeanValues => new(Mean, Dimension);

    private ReadOnlySpan<float> AxisValues => new(Axes, Components * Dimension);

    /// <summary>The length of the mean, ‖μ‖.</summary>
    internal double MeanNorm { get; }

    /// <summary>The bound on rounding errors: twice a product computed here is off by at most this share of ‖q‖² + ‖b‖², where all vectors are relative to the mean.</summary>
    internal float Slack { get; }

    /// <param name="mean">The mean, [D].</param>
    /// <param name="axes">The orthonormal axes, [d, D]; both pointers must stay valid as long as this object is used.</param>
    public static Projection View(float* mean, float* axes, int components, int dimension) => new(null, mean, axes, components, dimension);

    /// <summary>Creates a projection with copies of a mean [D] and axes [d, D].</summary>
    public static Projection Of(ReadOnlySpan<float> mean, ReadOnlySpan<float> axes)
    {
        var own = new NativeFloats(mean.Length + axes.Length);
        mean.CopyTo(new Span<float>(own.Start, mean.Length));
        axes.CopyTo(new Span<float>(own.Start + mean.Length, axes.Length));
        return new Projection(own, own.Start, own.Start + mean.Length, axes.Length / mean.Length, mean.Length);
    }

    /// <summary>Projects rows <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
    /// <param name="target">The projected rows to fill, [end − first, Stride].</param>
    public void ProjectRows(BankRows rows, int first, int end, Span<float> target)
    {
        var width = PanelKernel.PanelQueries;
        using NativeFloats panel = new((long)Dimension * width), projected = new((long)(Components + 1) * width);
        Span<float> norms = stackalloc float[width];
        Span<float> products = stackalloc float[PanelKernel.TileRows * width];
        var buffer = new float[Dimension];
        for (var start = first; start < end; start += width)
        {
            var count = Math.Min(width, end - start);
            FillPanel(rows, start, count, panel.All, buffer);
            Project(panel.All, projected.All, norms, products);
            for (var i = 0; i < count; i++)
            {
                var row = target.Slice((start + i - first) * Stride, Stride);
                for (var c = 0; c <= Components; c++)
                    row[c] = projected.All[(c * width) + i];
                row[Components + 1] = 0.5f * (1 - Slack) * norms[i];
            }
        }
    }

    /// <summary>Projects a panel of vectors.</summary>
    /// <param name="panel">The vectors minus the mean, [D, PanelQueries].</param>
    /// <param name="projected">The values to fill, [d + 1, PanelQueries]: coordinates, then ρ, which is rounded up.</param>
    /// <param name="norms">The squared norms ‖x − μ‖² to fill, [PanelQueries].</param>
    /// <param name="products">A buffer of [TileRows, PanelQueries] values.</param>
    internal void Project(ReadOnlySpan<float> panel, Span<float> projected, Span<float> norms, Span<float> products)
    {
        var width = PanelKernel.PanelQueries;
        Span<double> sums = stackalloc double[Components * width];
        Span<double> squares = stackalloc double[width];
        sums.Clear();
        squares.Clear();
        for (var k = 0; k < Dimension; k += Chunk)
        {
            var length = Math.Min(Chunk, Dimension - k);
            var part = panel.Slice(k * width, length * width);
            PanelKernel.SquaredNorms(part, length, products);
            Add(products[..width], squares);
            for (var c = 0; c < Components; c += PanelKernel.TileRows)
            {
                var valid = Math.Min(PanelKernel.TileRows, Components - c);
                PanelKernel.Multiply(part, AxisValues[((c * Dimension) + k)..], Dimension, valid, length, products);
                Add(products[..(valid * width)], sums.Slice(c * width, valid * width));
            }
        }

        for (var i = 0; i < width; i++)
        {
            var left = squares[i];
            for (var c = 0; c < Components; c++)
            {
                var coordinate = sums[(c * width) + i];
                projected[(c * width) + i] = (float)coordinate;
                left -= coordinate * coordinate;
            }

            norms[i] = (float)squares[i];
            projected[(Components * width) + i] = (float)Math.Sqrt(Math.Max(0, left) + (Slack * squares[i]));
        }
    }

    public void Dispose() => _own?.Dispose();

    /// <summary>Copies rows minus the mean into a panel [D, PanelQueries]; after <paramref name="count"/> of them the last one is repeated.</summary>
    private void FillPanel(BankRows rows, int start, int count, Span<float> panel, Span<float> buffer)
    {
        var width = PanelKernel.PanelQueries;
        var mean = MeanValues;
        for (var i = 0; i < width; i++)
        {
            var row = rows.Get(start + Math.Min(i, count - 1), buffer);
            for (var k = 0; k < Dimension; k++)
                panel[(k * width) + i] = row[k] - mean[k];
        }
    }

    /// <summary>Computes sums[i] += products[i].</summary>
    private static void Add(ReadOnlySpan<float> products, Span<double> sums)
    {
        for (var i = 0; i < sums.Length; i += 4)
        {
            var target = sums.Slice(i, 4);
            (Vector256.Create<double>(target) + Vector256.WidenLower(Vector256.Create(Vector128.Create(products.Slice(i, 4)), default))).CopyTo(target);
        }
    }
}
