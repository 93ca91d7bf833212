namespace MrfAd.Onnx.Networks;

/// <summary>
/// Positional embeddings for another grid of patches than the trained one, resampled as the public code of DINOv2 does (that is, as PyTorch's
/// bicubic interpolation with <c>align_corners=False</c>), each axis by itself.
/// </summary>
public static class PositionalEmbedding
{
    // The offset that the code of models without registers adds to the target side before dividing, which compresses positions a little towards the upper left.
    private const double Offset = 0.1;

    /// <param name="trained">The trained embeddings, [side·side, dimension], row-major in the grid.</param>
    /// <param name="antialias">True for models with registers; false for models without, which use four taps at any ratio, and the offset.</param>
    /// <returns>The resampled embeddings, [height·width, dimension].</returns>
    public static float[] Resample(ReadOnlySpan<float> trained, int side, int dimension, int width, int height, bool antialias)
    {
        if (width == side && height == side)
            return trained.ToArray();
        var rows = new double[height * side * dimension]; // [height, side, dimension]
        for (var y = 0; y < height; y++)
        {
            foreach (var (source, weight) in Taps(y, side, height, antialias))
            {
                for (var i = 0; i < side * dimension; i++)
                    rows[(y * side * dimension) + i] += weight * trained[(source * side * dimension) + i];
            }
        }

        var resampled = new float[height * width * dimension];
        var vector = new double[dimension];
        for (var x = 0; x < width; x++)
        {
            var taps = Taps(x, side, width, antialias);
            for (var y = 0; y < height; y++)
            {
                Array.Clear(vector);
                foreach (var (source, weight) in taps)
                {
                    for (var k = 0; k < dimension; k++)
                        vector[k] += weight * rows[(((y * side) + source) * dimension) + k];
                }

                for (var k = 0; k < dimension; k++)
                    resampled[(((y * width) + x) * dimension) + k] = (float)vector[k];
            }
        }

        return resampled;
    }

    private static List<(int Source, double Weight)> Taps(int target, int side, int targetSide, bool antialias) =>
        antialias ? AntialiasedTaps(target, side, targetSide) : FourTaps(target, side, targetSide);

    /// <summary>Computes taps of a kernel that widens with the ratio; taps outside the grid are left out and the others sum to 1.</summary>
    private static List<(int Source, double Weight)> AntialiasedTaps(int target, int side, int targetSide)
    {
        const double sharpness = -0.5; // the constant of Pillow, which PyTorch uses for antialiasing
        var ratio = (double)side / targetSide;
        var widening = Math.Max(ratio, 1);
        var centre = ratio * (target + 0.5);
        var first = Math.Max((int)(centre - (2 * widening) + 0.5), 0);
        var end = Math.Min((int)(centre + (2 * widening) + 0.5), side);
        var taps = Enumerable.Range(first, end - first).Select(j => (j, Weight: Cubic((j - centre + 0.5) / widening, sharpness))).ToList();
        var sum = taps.Sum(t => t.Weight);
        return [.. taps.Select(t => (t.j, t.Weight / sum))];
    }

    /// <summary>Computes four taps; those outside the grid take the value at its border.</summary>
    private static List<(int Source, double Weight)> FourTaps(int target, int side, int targetSide)
    {
        const double sharpness = -0.75;
        var centre = (side / (targetSide + Offset) * (target + 0.5)) - 0.5;
        var before = Math.Floor(centre);
        return [.. Enumerable.Range(-1, 4).Select(tap => (Math.Clamp((int)before + tap, 0, side - 1), Cubic(before + tap - centre, sharpness)))];
    }

    private static double Cubic(double x, double a)
    {
        x = Math.Abs(x);
        return x < 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1 : x < 2 ? (((((x - 5) * x) + 8) * x) - 4) * a : 0;
    }
}
