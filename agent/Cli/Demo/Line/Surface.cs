using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Shades surfaces. Colours are linear RGB with 1 for the sensor's white; the camera looks straight down.</summary>
public sealed class Surface
{
    private static readonly Vector3 View = Vector3.UnitZ;

    private readonly Vector3 _key;
    private readonly Vector3 _keyHalf;
    private readonly Vector3 _fillHalf;

    /// <param name="light">Direction of the key light in the part's plane, rad.</param>
    public Surface(float light)
    {
        _key = Ray(light, 0.66f);
        _keyHalf = Vector3.Normalize(_key + View);
        _fillHalf = Vector3.Normalize(Ray(light + 1.75f, 0.6f) + View);
    }

    /// <summary>Direction of the key light in the part's plane, length 1.</summary>
    public Vector2 Key => Vector2.Normalize(new Vector2(_key.X, _key.Y));

    /// <summary>Shades metal with fine parallel grooves (lathe marks, brushing), which shines across the grooves (Ward's model).</summary>
    /// <param name="groove">Direction of the grooves, length 1.</param>
    public float Grooved(Vector2 groove) => 0.17f + (1.15f * Shine(_keyHalf, groove)) + (0.24f * Shine(_fillHalf, groove));

    /// <summary>Shades smooth metal: chamfers, screw heads.</summary>
    /// <param name="slope">The normal's part in the plane; zero is flat.</param>
    public float Polished(Vector2 slope)
    {
        var n = Normal(slope);
        var key = Power(MathF.Max(0, Vector3.Dot(n, _keyHalf)), 5);
        var fill = Power(MathF.Max(0, Vector3.Dot(n, _fillHalf)), 5);
        return 0.10f + (0.14f * Lambert(n)) + (1.25f * key) + (0.22f * fill);
    }

    /// <summary>Shades cast metal, rubber and dirt, which scatter light to all sides.</summary>
    public float Matte(Vector2 slope) => 0.35f + (0.65f * Lambert(Normal(slope)));

    /// <summary>Returns the specular highlight of something wet or rubbery.</summary>
    public float Gloss(Vector2 slope) => Power(MathF.Max(0, Vector3.Dot(Normal(slope), _keyHalf)), 5);

    /// <returns>The share of a pixel that is inside an edge, [0, 1]; <paramref name="depth"/> is the distance to the edge, px, positive inside.</returns>
    public static float Inside(float depth) => Math.Clamp(0.5f + (depth / 1.4f), 0, 1);

    private float Lambert(Vector3 normal) => MathF.Max(0, Vector3.Dot(normal, _key));

    private static float Shine(Vector3 half, Vector2 groove)
    {
        var along = (half.X * groove.X) + (half.Y * groove.Y);
        var across = (half.X * groove.Y) - (half.Y * groove.X);
        return MathF.Exp(-((along * along / 0.026f) + (across * across / 0.30f)));
    }

    private static Vector3 Normal(Vector2 slope) => Vector3.Normalize(new Vector3(slope, 1));

    private static Vector3 Ray(float angle, float flat) =>
        new(MathF.Cos(angle) * flat, MathF.Sin(angle) * flat, MathF.Sqrt(1 - (flat * flat)));

    // Returns x to the power of 2^doublings.
    private static float Power(float x, int doublings)
    {
        for (var i = 0; i < doublings; i++)
            x *= x;
        return x;
    }
}
