using System.Numerics;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Paints the conveyor belt: dark, woven, worn along its direction, lighter under dust.</summary>
public sealed class Belt(PartPose pose, Surface surface)
{
    private const float Pitch = 13;

    /// <param name="pixel">Position in the picture, px.</param>
    /// <returns>Linear RGB, including the part's shadow.</returns>
    public Vector3 Paint(Vector2 pixel)
    {
        var at = pixel + pose.Belt;
        var (u, v) = ((at.X + at.Y) * MathF.Tau / Pitch, (at.X - at.Y) * MathF.Tau / Pitch);
        var slope = new Vector2(MathF.Sin(u) + MathF.Sin(v), MathF.Sin(u) - MathF.Sin(v)) * 0.33f;
        slope += new Vector2(Noise.Smooth(at.X / 2.3f, at.Y / 2.3f, 1), Noise.Smooth(at.X / 2.3f, at.Y / 2.3f, 2)) * 0.22f;
        var dust = Noise.Cloud(at.X / 55, at.Y / 38, 3);
        var wear = Noise.Smooth(at.X / 160, at.Y / 2.6f, 4);
        var grey = 0.046f * (1 + (0.28f * dust) + (0.12f * wear) + (0.22f * MathF.Cos(u) * MathF.Cos(v)));
        var colour = new Vector3(0.60f, 0.98f, 1.06f) * grey * surface.Matte(slope);
        return colour * (1 - (0.75f * Shadow(pixel)));
    }

    // The shadow of the part, some millimetres above the belt: soft, on the side away from the light.
    private float Shadow(Vector2 pixel)
    {
        var cast = (pixel - pose.Centre + (surface.Key * 9)).Length() - (Flange.Radius * pose.Scale);
        var contact = (pixel - pose.Centre).Length() - (Flange.Radius * pose.Scale);
        return MathF.Max(Math.Clamp(1 - ((cast + 9) / 18), 0, 1), 0.6f * MathF.Exp(-MathF.Max(0, contact) / 10));
    }
}
