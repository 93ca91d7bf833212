using System.Numerics;
using MrfAd.Engine.Images;

namespace MrfAd.Cli.Demo.Line;

/// <summary>Renders the picture of one part: geometry, light, lens and sensor.</summary>
public static class PartPicture
{
    private const int Side = PartPose.Side;

    /// <returns>An RGB image of 512x512. Two images of the same pose differ only inside the defect's mask.</returns>
    public static Image Take(PartPose pose, Defect? defect = null)
    {
        var image = new Image(Side, Side, 3);
        Parallel.For(0, Side, y => Row(pose, defect, y, image.Bytes.Slice(y * Side * 3, Side * 3)));
        return image;
    }

    /// <returns>A grey image of 512x512 with 255 at each pixel that the defect may have changed.</returns>
    public static Image Mask(PartPose pose, Defect defect)
    {
        var mask = new Image(Side, Side, 1);
        for (var i = 0; i < Side * Side; i++)
            mask.Bytes[i] = defect.Cover(ToPart(pose, i % Side, i / Side)) > 0 ? (byte)255 : (byte)0;
        return mask;
    }

    private static void Row(PartPose pose, Defect? defect, int y, Span<byte> row)
    {
        var surface = new Surface(pose.Light - pose.Angle);
        var belt = new Belt(pose, new Surface(pose.Light));
        var flange = new Flange(pose, surface);
        for (var x = 0; x < Side; x++)
        {
            var p = ToPart(pose, x, y);
            var below = Flange.HidesBelt(p) ? Vector3.Zero : belt.Paint(new Vector2(x, y));
            var colour = flange.Paint(p, below);
            if (defect?.Cover(p) is > 0 and var cover)
                colour = Vector3.Lerp(colour, defect.Paint(p, colour, below, flange, surface), cover);
            Expose(pose, x, y, colour, row.Slice(x * 3, 3));
        }
    }

    private static Vector2 ToPart(PartPose pose, int x, int y)
    {
        var (sin, cos) = MathF.SinCos(-pose.Angle);
        var q = (new Vector2(x, y) - pose.Centre) / pose.Scale;
        return new Vector2((q.X * cos) - (q.Y * sin), (q.X * sin) + (q.Y * cos));
    }

    private static void Expose(PartPose pose, int x, int y, Vector3 colour, Span<byte> rgb)
    {
        var at = (new Vector2(x, y) / Side * 2) - Vector2.One;
        var light = pose.Gain * (1 + Vector2.Dot(pose.Gradient, at)) * (1 - (0.07f * at.LengthSquared()));
        for (var c = 0; c < 3; c++)
        {
            var linear = colour[c] * light;
            // A soft shoulder instead of clipping, then the display's gamma.
            var tone = MathF.Pow(linear * (1 + (linear * 0.08f)) / (1 + (linear * 0.55f)), 1 / 2.2f) * 1.05f;
            // Shot noise grows with the light; the three colour channels have independent noise.
            var noise = (1.1f + (1.3f * MathF.Sqrt(MathF.Max(0, linear)))) * Noise.Gauss(x, y, pose.Seed + 101 + (uint)c);
            rgb[c] = (byte)Math.Clamp((tone * 255) + noise + 0.5f, 0, 255);
        }
    }
}
