using System.Runtime.Intrinsics;
using MrfAd.Engine.Features;

namespace MrfAd.Engine.Search;

/// <summary>
/// A few orthonormal axes P [d, D] about a mean μ, and for any vector x its d coordinates P(x − μ) together with the length ρ(x) of what
/// they leave over. By Cauchy and Schwarz (q−μ)·(b−μ) ≤ Pq·Pb + ρ(q)ρ(b), so ‖q−b‖ is never below the distance of the two short vectors
/// (P(x − μ), ρ(x)): they rule rows out without looking at them. Features lie close to few axes, so few rows remain.
/// </summary>
public sealed unsafe class Projection : IDisposable
{
    // Sums of so many products in fp32, the rest in fp64: rounding grows with the length of a sum, and every bit of it admits more rows.
    private const int Chunk = 16;

    // Of fp32.
    private const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>d at the most.</summary>
    public const int MostComponents = 254;

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

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>d; may be 0.</summary>
    public int Components { get; }

    /// <summary>Values of a projected row: its d coordinates, ρ, and (1 − slack)‖b − μ‖²/2.</summary>
    public int Stride => Components + 2;

    /// <summary>μ [D].</summary>
    public float* Mean { get; }

    /// <summary>P [d, D].</summary>
    public float* Axes { get; }

    /// <summary>‖μ‖.</summary>
    internal double MeanNorm { get; }

    /// <summary>Twice a product computed here is off by no more than this share of ‖q‖² + ‖b‖², all about the mean, however the roundings fall.</summary>
    internal float Slack { get; }

    /// <param name="mean">[D].</param>
    /// <param name="axes">[d, D], orthonormal; both stay valid as long as this object.</param>
    public static Projection View(float* mean, float* axes, int components, int dimension) => new(null, mean, axes, components, dimension);

    /// <summary>A copy of a mean [D] and axes [d, D] of its own.</summary>
    public static Projection Of(ReadOnlySpan<float> mean, ReadOnlySpan<float> axes)
    {
        var own = new NativeFloats(mean.Length + axes.Length);
        mean.CopyTo(new Span<float>(own.Start, mean.Length));
        axes.CopyTo(new Span<float>(own.Start + mean.Length, axes.Length));
        return new Projection(own, own.Start, own.Start + mean.Length, axes.Length / mean.Length, mean.Length);
    }

    /// <summary>Projects rows <paramref name="first"/> up to, not including, <paramref name="end"/>.</summary>
    /// <param name="target">[end − first, Stride], filled.</param>
    public void ProjectRows(BankRows rows, int first, int end, float* target)
    {
        var width = PanelKernel.PanelQueries;
        using var memory = new NativeFloats(((long)(Dimension + Components + 3 + PanelKernel.TileRows) * width) + Dimension);
        var panel = memory.Start;
        var projected = panel + ((long)Dimension * width);
        var norms = projected + ((Components + 1) * width);
        var products = norms + width;
        var room = products + (PanelKernel.TileRows * width);
        for (var start = first; start < end; start += width, target += (long)width * Stride)
        {
            var count = Math.Min(width, end - start);
            for (var i = 0; i < width; i++)
            {
                var row = rows.Get(start + Math.Min(i, count - 1), room);
                for (var k = 0; k < Dimension; k++)
                    panel[(k * width) + i] = row[k] - Mean[k];
            }

            Project(panel, projected, norms, products);
            for (var i = 0; i < count; i++)
            {
                var row = target + ((long)i * Stride);
                for (var c = 0; c <= Components; c++)
                    row[c] = projected[(c * width) + i];
                row[Components + 1] = 0.5f * (1 - Slack) * norms[i];
            }
        }
    }

    /// <summary>Projects a panel of vectors.</summary>
    /// <param name="panel">[D, PanelQueries], the mean already taken off.</param>
    /// <param name="projected">[d + 1, PanelQueries]: coordinates, then ρ, which is rounded up.</param>
    /// <param name="norms">[PanelQueries]: ‖x − μ‖².</param>
    /// <param name="products">Room for [TileRows, PanelQueries].</param>
    internal void Project(float* panel, float* projected, float* norms, float* products)
    {
        var width = PanelKernel.PanelQueries;
        var sums = stackalloc double[MostComponents * PanelKernel.MostQueries];
        var squares = stackalloc double[PanelKernel.MostQueries];
        new Span<double>(sums, Components * width).Clear();
        new Span<double>(squares, width).Clear();
        for (var k = 0; k < Dimension; k += Chunk)
        {
            var part = panel + ((long)k * width);
            var length = Math.Min(Chunk, Dimension - k);
            PanelKernel.SquaredNorms(part, length, products);
            Add(products, squares, width);
            for (var c = 0; c < Components; c += PanelKernel.TileRows)
            {
                var valid = Math.Min(PanelKernel.TileRows, Components - c);
                PanelKernel.Multiply(part, Axes + ((long)c * Dimension) + k, Dimension, valid, length, products);
                Add(products, sums + (c * width), valid * width);
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

    /// <summary>sums[i] += products[i].</summary>
    private static void Add(float* products, double* sums, int count)
    {
        for (var i = 0; i < count; i += 4)
            (Vector256.Load(sums + i) + Vector256.WidenLower(Vector256.Create(Vector128.Load(products + i), default))).Store(sums + i);
    }
}
