using MrfAd.Onnx.Differentiation;

namespace MrfAd.Engine.Hlgfa;

/// <summary>
/// The upsampling U_s of eq. 1 and the spatial alignment of the detail prior: bilinear where a grid grows (half-pixel centres, edges held), the mean over
/// the area where it shrinks. Rows and columns are resampled one after the other by products with constant matrices, whose gradients are known.
/// </summary>
public static class Resampling
{
    /// <param name="x">The features, [B, C, h, w].</param>
    /// <returns>The resampled features, [B, C, height, width].</returns>
    public static Var To(Tape t, Var x, int height, int width, string name)
    {
        var (h, w) = ((int)x.Shape[2], (int)x.Shape[3]);
        if (w != width)
            x = t.MatMul(x, t.Constant($"{name}.columns", Turned(Weights(w, width), w, width), w, width));
        return h == height ? x : t.MatMul(t.Constant($"{name}.rows", Weights(h, height), height, h), x);
    }

    /// <returns>The matrix of weights, [to, from].</returns>
    public static float[] Weights(int from, int to)
    {
        var weights = new float[to * from];
        for (var i = 0; i < to; i++)
        {
            var row = weights.AsSpan(i * from, from);
            if (to >= from)
            {
                var at = Math.Clamp((((i + 0.5) * from) / to) - 0.5, 0, from - 1);
                var below = (int)at;
                row[below] += (float)(1 - (at - below));
                row[Math.Min(below + 1, from - 1)] += (float)(at - below);
                continue;
            }

            var (begin, end) = ((double)i * from / to, (double)(i + 1) * from / to);
            for (var k = (int)begin; k < Math.Min(from, Math.Ceiling(end)); k++)
                row[k] = (float)((Math.Min(end, k + 1) - Math.Max(begin, k)) / (end - begin));
        }

        return weights;
    }

    private static float[] Turned(float[] weights, int from, int to)
    {
        var turned = new float[weights.Length];
        for (var i = 0; i < weights.Length; i++)
            turned[((i % from) * to) + (i / from)] = weights[i];
        return turned;
    }
}
