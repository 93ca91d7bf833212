using System.Numerics;

namespace MrfAd.Maker.Generator;

/// <summary>Deterministic noise: the same values for the same place and seed.</summary>
public static class Noise
{
    /// <returns>[0, 1).</returns>
    public static float Hash(int x, int y, uint seed)
    {
        var h = (((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u)) + (seed * 0xC2B2AE3Du);
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return ((h ^ (h >> 15)) >> 8) / 16777216f;
    }

    /// <summary>Interpolates smoothly between random values at integer places.</summary>
    /// <returns>[-1, 1].</returns>
    public static float Smooth(Vector2 p, uint seed)
    {
        var (x, y) = (MathF.Floor(p.X), MathF.Floor(p.Y));
        var (u, v) = (Fade(p.X - x), Fade(p.Y - y));
        var (i, j) = ((int)x, (int)y);
        var top = float.Lerp(Hash(i, j, seed), Hash(i + 1, j, seed), u);
        var bottom = float.Lerp(Hash(i, j + 1, seed), Hash(i + 1, j + 1, seed), u);
        return (2 * float.Lerp(top, bottom, v)) - 1;
    }

    /// <summary>Fractional Brownian motion: each octave twice as fine and half as strong.</summary>
    /// <returns>About [-1, 1].</returns>
    public static float Fractal(Vector2 p, int octaves, uint seed)
    {
        float sum = 0, strength = 0.6f;
        for (var octave = 0; octave < octaves; octave++, strength *= 0.5f, p = (p * 2) + new Vector2(17.3f, 9.1f))
            sum += strength * Smooth(p, seed + (uint)octave);
        return sum;
    }

    /// <summary>Worley's cells: one point in each square of side 1.</summary>
    /// <returns>Distance to the nearest point and to the second, and a number of the nearest's own, [0, 1).</returns>
    public static (float Nearest, float Second, float Cell) Cells(Vector2 p, uint seed)
    {
        var (x, y) = ((int)MathF.Floor(p.X), (int)MathF.Floor(p.Y));
        float nearest = 9, second = 9, cell = 0;
        for (var j = y - 1; j <= y + 1; j++)
        {
            for (var i = x - 1; i <= x + 1; i++)
            {
                var distance = Vector2.Distance(p, new Vector2(i + Hash(i, j, seed), j + Hash(i, j, seed + 1)));
                if (distance < nearest)
                    (nearest, second, cell) = (distance, nearest, Hash(i, j, seed + 2));
                else if (distance < second)
                    second = distance;
            }
        }

        return (nearest, second, cell);
    }

    private static float Fade(float t) => t * t * (3 - (2 * t));
}
