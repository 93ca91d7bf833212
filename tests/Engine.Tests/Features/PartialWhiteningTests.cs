using MrfAd.Engine.Features;
using MrfAd.Engine.Search;
using MrfAd.Engine.Tests.Search;
using MrfAd.Onnx.Graphs;

namespace MrfAd.Engine.Tests.Features;

public sealed class PartialWhiteningTests : IDisposable
{
    private const int Rows = 3000, Dimension = 19;

    // Rows whose spread halves from one direction to the next; the directions are no coordinate axes.
    private readonly float[] _values = Turned(Rows);
    private readonly TestRows _rows;

    public PartialWhiteningTests() => _rows = TestRows.Store(_values, Dimension, RowPrecision.Fp32);

    public void Dispose() => _rows.Dispose();

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.25, 0.7071)]
    [InlineData(0.5, 1)]
    [InlineData(1, 2)]
    public void The_power_decides_how_strong_the_weaker_axes_become(double power, double ratio)
    {
        var whitened = Whitened(new FeatureShape { Axes = 5, Power = power });

        var spread = Enumerable.Range(0, 5).Select(a => Math.Sqrt(whitened.Average(v => (double)v[a] * v[a]))).ToArray();
        for (var a = 1; a < spread.Length; a++)
            Assert.Equal(ratio, spread[a] / spread[a - 1], 0.08 * ratio);
    }

    [Fact]
    public void All_axes_without_power_leave_distances_as_they_were()
    {
        var whitened = Whitened(new FeatureShape { Axes = Dimension, Power = 0 });

        for (var i = 0; i < 50; i++)
        {
            var before = Enumerable.Range(0, Dimension).Sum(k => Math.Pow(_values[(i * Dimension) + k] - _values[((i + 50) * Dimension) + k], 2));
            Assert.Equal(before, whitened[i].Zip(whitened[i + 50], (a, b) => Math.Pow(a - b, 2)).Sum(), 1e-3 * before);
        }
    }

    [Fact]
    public void Both_layouts_give_the_same_bits()
    {
        var whitening = Learn(new FeatureShape { Axes = 7 });
        const int Count = 101;
        var (patchesFirst, channelsFirst) = (_values[..(Count * Dimension)], new float[Count * Dimension]);
        for (var i = 0; i < Count * Dimension; i++)
            channelsFirst[(i % Dimension * Count) + (i / Dimension)] = patchesFirst[i];
        var (a, b) = (new float[7 * Count], new float[7 * Count]);

        whitening.Apply(new PatchFeatures(Count, 1, Dimension, FeatureLayout.PatchesFirst, patchesFirst), a);
        whitening.Apply(new PatchFeatures(1, Count, Dimension, FeatureLayout.ChannelsFirst, channelsFirst), b);

        Assert.Equal(a, b);
        Assert.Contains(a, value => value != 0);
    }

    [Fact]
    public void Directions_without_variance_give_no_axes()
    {
        var flat = new float[200 * Dimension];
        for (var i = 0; i < 200; i++)
            (flat[i * Dimension], flat[(i * Dimension) + 4]) = (i, 3 * i);
        using var rows = TestRows.Store(flat, Dimension, RowPrecision.Fp32);
        using var equal = TestRows.Store(new float[200 * Dimension], Dimension, RowPrecision.Fp32);

        var whitening = PartialWhitening.Learn(rows.Rows, new FeatureShape { Axes = 5, Power = 0.5 }, 1)!;

        Assert.Equal(1, whitening.Components);
        Assert.Null(PartialWhitening.Learn(equal.Rows, new FeatureShape { Axes = 5 }, 1));
    }

    [Fact]
    public void Features_of_another_length_are_refused()
    {
        var error = Assert.Throws<OnnxModelException>(() => Learn(new FeatureShape { Axes = 3 }).Apply(new PatchFeatures(1, 1, 2, FeatureLayout.PatchesFirst, new float[2]), new float[3]));
        Assert.Equal("the encoder gives features of 2 values, the bank's axes have 19", error.Message);
    }

    private PartialWhitening Learn(FeatureShape shape) => PartialWhitening.Learn(_rows.Rows, shape, 1)!;

    private float[][] Whitened(FeatureShape shape)
    {
        var whitening = Learn(shape);
        var values = new float[whitening.Components * Rows];
        whitening.Apply(new PatchFeatures(Rows, 1, Dimension, FeatureLayout.PatchesFirst, _values), values);
        return [.. Enumerable.Range(0, Rows).Select(i => Enumerable.Range(0, whitening.Components).Select(a => values[(a * Rows) + i]).ToArray())];
    }

    private static float[] Turned(int count)
    {
        var random = new Random(4);
        var values = new float[count * Dimension];
        for (var i = 0; i < count; i++)
        {
            var vector = Enumerable.Range(0, Dimension).Select(k => Math.Pow(0.5, k) * Gaussian(random)).ToArray();
            for (var turn = 0; turn < 3 * Dimension; turn++)
            {
                // A plane turned by an angle of its own: the same for all rows.
                var (a, b) = (turn % Dimension, ((turn * 7) + 3 + (turn / Dimension)) % Dimension);
                if (a == b)
                    continue;
                var (sin, cos) = Math.SinCos(0.4 + turn);
                (vector[a], vector[b]) = ((cos * vector[a]) - (sin * vector[b]), (sin * vector[a]) + (cos * vector[b]));
            }

            for (var k = 0; k < Dimension; k++)
                values[(i * Dimension) + k] = (float)(vector[k] + 2);
        }

        return values;
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
