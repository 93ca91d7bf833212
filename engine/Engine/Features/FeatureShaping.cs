using MrfAd.Engine.Search;

namespace MrfAd.Engine.Features;

/// <summary>
/// Optional changes of the features before they are banked and searched: the mean over a square of neighbouring patches (PatchCore's local
/// aggregation; at the border, over those that exist), then scaling to unit length (the L2 distance of unit vectors orders as the cosine does).
/// </summary>
public sealed class FeatureShaping(MrfAdOptions options)
{
    private float[] _shaped = [];
    private float[] _norms = [];

    /// <summary>Returns true where the options ask for no change.</summary>
    public static bool IsNone(MrfAdOptions options) => options.PoolSide == 1 && !options.Normalise;

    /// <summary>Shapes these features, as <see cref="Shaped"/> then returns them.</summary>
    public void Shape(PatchFeatures features)
    {
        if (IsNone(options))
            return;
        if (_shaped.Length < features.Values.Length)
            _shaped = new float[features.Values.Length];
        var shaped = _shaped.AsSpan(0, features.Values.Length);
        Pool(features, shaped);
        if (options.Normalise)
            Normalise(features, shaped);
    }

    /// <param name="features">The features that were given to <see cref="Shape"/> last.</param>
    /// <returns>The features themselves where no change is asked for; otherwise the shaped ones, which are valid until others are shaped.</returns>
    public PatchFeatures Shaped(PatchFeatures features) => IsNone(options)
        ? features
        : new PatchFeatures(features.Width, features.Height, features.Dimension, features.Layout, _shaped.AsSpan(0, features.Values.Length));

    private void Pool(PatchFeatures features, Span<float> pooled)
    {
        // Either D planes of single values, or one plane of vectors.
        var (planes, length) = features.Layout == FeatureLayout.ChannelsFirst ? (features.Dimension, 1) : (1, features.Dimension);
        var (width, height, reach) = (features.Width, features.Height, options.PoolSide / 2);
        for (var plane = 0; plane < planes; plane++)
        {
            var source = features.Values.Slice(plane * features.Count * length, features.Count * length);
            var target = pooled.Slice(plane * features.Count * length, features.Count * length);
            for (var patch = 0; patch < features.Count; patch++)
            {
                var (y, x) = Math.DivRem(patch, width);
                var (top, bottom, left, right) = (Math.Max(0, y - reach), Math.Min(height - 1, y + reach), Math.Max(0, x - reach), Math.Min(width - 1, x + reach));
                var mean = target.Slice(patch * length, length);
                mean.Clear();
                for (var ny = top; ny <= bottom; ny++)
                {
                    for (var nx = left; nx <= right; nx++)
                    {
                        var neighbour = source.Slice(((ny * width) + nx) * length, length);
                        for (var k = 0; k < length; k++)
                            mean[k] += neighbour[k];
                    }
                }

                var share = 1f / ((bottom - top + 1) * (right - left + 1));
                foreach (ref var value in mean)
                    value *= share;
            }
        }
    }

    /// <summary>Scales each vector to unit length; a vector of zeros stays as it is.</summary>
    private void Normalise(PatchFeatures features, Span<float> values)
    {
        var (count, dimension) = (features.Count, features.Dimension);
        var (patchStep, channelStep) = features.Layout == FeatureLayout.ChannelsFirst ? (1, count) : (dimension, 1);
        if (_norms.Length < count)
            _norms = new float[count];
        Array.Clear(_norms);
        for (var k = 0; k < dimension; k++)
        {
            for (var p = 0; p < count; p++)
            {
                var value = values[(k * channelStep) + (p * patchStep)];
                _norms[p] += value * value;
            }
        }

        for (var k = 0; k < dimension; k++)
        {
            for (var p = 0; p < count; p++)
                values[(k * channelStep) + (p * patchStep)] /= _norms[p] > 0 ? MathF.Sqrt(_norms[p]) : 1;
        }
    }
}
