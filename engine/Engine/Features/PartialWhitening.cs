using MrfAd.Engine.Search;

namespace MrfAd.Engine.Features;

/// <summary>
/// Partial whitening of one branch: features minus their mean μ [D], on the principal axes of the bank's rows, each scaled by (λ̄/λ)^p, where λ is the variance along the axis and λ̄ the mean of all
/// of them. p = 0 is a principal component analysis, p = 0.5 full whitening. Rows and queries go through <see cref="Apply"/>, whose sums have one order, so that equal features stay equal.
/// </summary>
public sealed class PartialWhitening
{
    private readonly float[] _mean;
    private readonly float[] _axes;

    /// <param name="mean">The mean μ, [D].</param>
    /// <param name="axes">The scaled axes, [d, D].</param>
    public PartialWhitening(float[] mean, float[] axes)
    {
        (_mean, _axes) = (mean, axes);
        Components = axes.Length / mean.Length;
    }

    /// <summary>The number of values of a feature before, D.</summary>
    public int Dimension => _mean.Length;

    /// <summary>The number of values afterwards, d.</summary>
    public int Components { get; }

    /// <summary>The mean μ, [D].</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>The scaled axes, [d, D].</summary>
    public ReadOnlySpan<float> Axes => _axes;

    /// <summary>Learns the whitening of a branch.</summary>
    /// <param name="rows">Features of good images, [N, D].</param>
    /// <returns>The whitening; null where all rows are equal.</returns>
    public static PartialWhitening? Learn(BankRows rows, FeatureShape shape, int seed)
    {
        var (mean, axes, variances) = PrincipalAxes.Strongest(rows, shape.Axes!.Value, seed);
        if (variances.Length == 0)
            return null;
        var average = variances.Average();
        for (var a = 0; a < variances.Length; a++)
        {
            var factor = (float)Math.Pow(average / variances[a], shape.Power);
            foreach (ref var value in axes.AsSpan(a * mean.Length, mean.Length))
                value *= factor;
        }

        return new PartialWhitening(mean, axes);
    }

    /// <summary>Computes the whitened features.</summary>
    /// <param name="features">The features, of <see cref="Dimension"/> values each.</param>
    /// <param name="values">The values to fill, [d, H·W]: channels first, whatever the layout of the features is.</param>
    public void Apply(PatchFeatures features, float[] values)
    {
        if (features.Dimension != Dimension)
            throw new Onnx.Graphs.OnnxModelException($"the encoder gives features of {features.Dimension} values, the bank's axes have {Dimension}");
        var width = PanelKernel.PanelQueries;
        using var panel = new NativeFloats((long)Dimension * width);
        Span<float> products = stackalloc float[PanelKernel.MaxTileRows * PanelKernel.MaxPanelQueries];
        for (var first = 0; first < features.Count; first += width)
        {
            Centre(features, first, panel.All);
            for (var axis = 0; axis < Components; axis += PanelKernel.TileRows)
            {
                var valid = Math.Min(PanelKernel.TileRows, Components - axis);
                PanelKernel.Multiply(panel.All, _axes.AsSpan(axis * Dimension, valid * Dimension), Dimension, valid, Dimension, products);
                for (var i = 0; i < valid; i++)
                    products.Slice(i * width, Math.Min(width, features.Count - first)).CopyTo(values.AsSpan(((axis + i) * features.Count) + first));
            }
        }
    }

    /// <summary>Copies features minus the mean into a panel [D, PanelQueries]; after the last one it is repeated.</summary>
    private void Centre(PatchFeatures features, int first, Span<float> panel)
    {
        var (width, count) = (PanelKernel.PanelQueries, features.Count);
        var (patchStep, channelStep) = features.Layout == FeatureLayout.ChannelsFirst ? (1, count) : (Dimension, 1);
        for (var k = 0; k < Dimension; k++)
        {
            var target = panel.Slice(k * width, width);
            for (var i = 0; i < width; i++)
                target[i] = features.Values[(k * channelStep) + (Math.Min(first + i, count - 1) * patchStep)] - _mean[k];
        }
    }
}
