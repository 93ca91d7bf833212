namespace MrfAd.Onnx.Networks;

/// <summary>
/// Rotary positions of a grid of patches, as the public code of DINOv3 computes them: cosine and sine of 2π·c/period, where c is a patch's centre between −1 and 1.
/// The first half of a head's angles belongs to the rows, the second to the columns. The tokens before the patches are not turned (cosine 1, sine 0).
/// </summary>
/// <param name="Cosine">[tokens, d/2], where d is the number of values of a head.</param>
/// <param name="Sine">[tokens, d/2].</param>
public sealed record RotaryTable(float[] Cosine, float[] Sine)
{
    /// <param name="periods">The periods, [d/4].</param>
    /// <param name="scale">The side to which an axis's coordinates are normalised: its own, or the shorter or longer of both.</param>
    public static RotaryTable Of(int columns, int rows, IReadOnlyList<float> periods, CoordinateScale scale, int prefixTokens)
    {
        var half = 2 * periods.Count;
        var cosine = new float[(prefixTokens + (rows * columns)) * half];
        var sine = new float[cosine.Length];
        Array.Fill(cosine, 1, 0, prefixTokens * half);
        var (rowSide, columnSide) = scale switch
        {
            CoordinateScale.Min => (Math.Min(rows, columns), Math.Min(rows, columns)),
            CoordinateScale.Max => (Math.Max(rows, columns), Math.Max(rows, columns)),
            _ => (rows, columns),
        };
        var at = prefixTokens * half;
        for (var y = 0; y < rows; y++)
        {
            for (var x = 0; x < columns; x++)
            {
                foreach (var centre in new[] { Centre(y, rowSide), Centre(x, columnSide) })
                {
                    foreach (var period in periods)
                    {
                        var (s, c) = Math.SinCos(2 * Math.PI * centre / period);
                        (cosine[at], sine[at++]) = ((float)c, (float)s);
                    }
                }
            }
        }

        return new RotaryTable(cosine, sine);
    }

    /// <summary>Computes the periods of a model that does not store them: base^(4i/d).</summary>
    /// <param name="count">The number of periods, d/4.</param>
    public static float[] Periods(double rotaryBase, int count) => [.. Enumerable.Range(0, count).Select(i => (float)Math.Pow(rotaryBase, (double)i / count))];

    private static double Centre(int index, int side) => (2 * (index + 0.5) / side) - 1;
}
