namespace MrfAd.Cli.Demo.Line;

/// <summary>Random noise over the plane; the same seed and point give the same value.</summary>
public static class Noise
{
    /// <returns>A value in [0, 1), independent for each lattice point.</returns>
    public static float At(int x, int y, uint seed)
    {
        unchecked
        {
            var h = ((uint)x * 0x8DA6B343) ^ ((uint)y * 0xD8163841) ^ (seed * 0xCB1AB31F);
            h = (h ^ (h >> 16)) * 0x7FEB352D;
            h = (h ^ (h >> 15)) * 0x846CA68B;
            return ((h ^ (h >> 16)) >> 8) * (1f / (1 << 24));
        }
    }

    /// <summary>Value noise on a lattice of pitch 1.</summary>
    /// <param name="period">Number of lattice steps after which y repeats (a full turn of an angle); 0 for no repetition.</param>
    /// <returns>A value in [-1, 1].</returns>
    public static float Smooth(float x, float y, uint seed, int period = 0)
    {
        var (x0, y0) = ((int)MathF.Floor(x), (int)MathF.Floor(y));
        var (u, v) = (Ease(x - x0), Ease(y - y0));
        var y1 = y0 + 1;
        if (period > 0)
            (y0, y1) = (((y0 % period) + period) % period, ((y1 % period) + period) % period);
        var top = Mix(At(x0, y0, seed), At(x0 + 1, y0, seed), u);
        var bottom = Mix(At(x0, y1, seed), At(x0 + 1, y1, seed), u);
        return (2 * Mix(top, bottom, v)) - 1;
    }

    /// <summary>The sum of four octaves of <see cref="Smooth"/>, each of half the amplitude and twice the frequency of the one before.</summary>
    /// <returns>A value in about [-1, 1].</returns>
    public static float Cloud(float x, float y, uint seed)
    {
        var (sum, strength) = (0f, 0.53f);
        for (var octave = 0u; octave < 4; octave++)
        {
            sum += strength * Smooth(x, y, seed + octave);
            (x, y, strength) = ((2 * x) + 17.3f, (2 * y) - 9.1f, strength / 2);
        }

        return sum;
    }

    /// <returns>A sample of the normal distribution with mean 0 and standard deviation 1, independent for each pixel.</returns>
    public static float Gauss(int x, int y, uint seed) =>
        MathF.Sqrt(-2 * MathF.Log(1 - At(x, y, seed))) * MathF.Cos(MathF.Tau * At(x, y, seed + 0x51ED));

    private static float Ease(float t) => t * t * (3 - (2 * t));

    private static float Mix(float a, float b, float t) => a + ((b - a) * t);
}
