using MrfAd.Engine.Search;

namespace MrfAd.Engine.Features;

/// <summary>Changes the features of one branch as its <see cref="FeatureShape"/> asks. At the border, the mean of neighbouring patches is over those that exist.</summary>
/// <param name="whitening">The whitening of the branch; null where there is none, and before it is learned.</param>
internal sealed class FeatureShaping(FeatureShape shape, PartialWhitening? whitening)
{
    private float[] _local = [];
    private float[] _whitened = [];
    private float[] _norms = [];

    private bool IsLocal => shape.PoolSide > 1 || shape.Normalise;

    /// <summary>Shapes these features, as <see cref="Shaped"/> then returns them.</summary>
    public void Shape(PatchFeatures features)
    {
        if (IsLocal)
        {
            if (_local.Length < features.Values.Length)
                _local = new float[features.Values.Length];
            var local = _local.AsSpan(0, features.Values.Length);
            Pool(features, local);
            if (shape.Normalise)
                Normalise(features, local);
        }

        if (whitening is null)
            return;
        if (_whitened.Length < whitening.Components * features.Count)
            _whitened = new float[whitening.Components * features.Count];
        whitening.Apply(Local(features), _whitened);
    }

    /// <param name="features">The features that were given to <see cref="Shape"/> last.</param>
    /// <returns>The features themselves where no change is asked for; otherwise the shaped ones, which are valid until others are shaped.</returns>
    public PatchFeatures Shaped(PatchFeatures features) => whitening is null
        ? Local(features)
        : new PatchFeatures(features.Width, features.Height, whitening.Components, FeatureLayout.ChannelsFirst, _whitened.AsSpan(0, whitening.Components * features.Count));

    private PatchFeatures Local(PatchFeatures features) => IsLocal
        ? new PatchFeatures(features.Width, features.Height, features.Dimension, features.Layout, _local.AsSpan(0, features.Values.Length))
        : features;

    private void Pool(PatchFeatures features, Span<float> pooled)
    {
        // Either D planes of single values, or one plane of vectors.
        var (planes, length) = features.Layout == FeatureLayout.ChannelsFirst ? (features.Dimension, 1) : (1, features.Dimension);
        var (width, height, reach) = (features.Width, features.Height, shape.PoolSide / 2);
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
