using MrfAd.Engine.Images;

namespace MrfAd.Engine.Fusion;

/// <summary>Anomaly maps as pictures, on a fixed scale: dark is normal, the middle of the scale is the threshold, pale yellow its end.</summary>
public static class Heatmap
{
    // Nine stops of a perceptually even dark-to-pale ramp; equal steps of score look like equal steps.
    private static readonly (byte R, byte G, byte B)[] Stops =
    [
        (0, 0, 4), (31, 12, 72), (85, 15, 109), (136, 34, 106), (186, 54, 85), (227, 89, 51), (249, 140, 10), (249, 201, 50), (252, 255, 164),
    ];

    private static readonly (byte R, byte G, byte B)[] Colours = [.. Enumerable.Range(0, 256).Select(Colour)];

    /// <returns>An RGB image of the map's size.</returns>
    public static Image Render(AnomalyMap map, HeatmapScale scale)
    {
        var image = new Image(map.Width, map.Height, 3);
        var pixels = image.Bytes;
        var factor = 255 / (scale.High - scale.Low);
        for (var i = 0; i < map.Scores.Length; i++)
            (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = Colours[Level(map.Scores[i], scale.Low, factor)];
        return image;
    }

    /// <summary>
    /// Draws the heatmap over the frame where scores come near the threshold, and a white line around pixels at or above it: a good
    /// part looks like itself.
    /// </summary>
    /// <param name="frame">The frame, [H, W, C] of the map's size; of 16-bit samples the high byte is shown.</param>
    /// <param name="opacity">The opacity of the heatmap from the threshold on, 0 to 1.</param>
    public static Image Overlay(Image frame, AnomalyMap map, HeatmapScale scale, float threshold, float opacity = 0.6f)
    {
        if (frame.Width != map.Width || frame.Height != map.Height)
            throw new ArgumentException($"the map is {map.Width}x{map.Height}, the frame {frame}", nameof(map));
        var image = new Image(map.Width, map.Height, 3);
        var target = image.Bytes;
        var source = frame.Bytes;
        var factor = 255 / (scale.High - scale.Low);
        var ramp = Math.Max((threshold - scale.Low) / 2, float.Epsilon); // a configured threshold may lie below the scale
        var line = Math.Max(1, map.Width / 500);
        var depth = (int)frame.Depth;
        var next = frame.Channels == 3 ? depth : 0;
        for (var i = 0; i < map.Scores.Length; i++)
        {
            var score = map.Scores[i];
            var alpha = opacity * Math.Clamp((score - threshold + ramp) / ramp, 0, 1);
            var (r, g, b) = Colours[Level(score, scale.Low, factor)];
            if (score >= threshold && IsEdge(map, i, threshold, line))
                (r, g, b, alpha) = (255, 255, 255, 1);
            var at = (i * frame.Channels * depth) + depth - 1; // the high byte of a little-endian sample
            target[3 * i] = Blend(source[at], r, alpha);
            target[(3 * i) + 1] = Blend(source[at + next], g, alpha);
            target[(3 * i) + 2] = Blend(source[at + (2 * next)], b, alpha);
        }

        return image;
    }

    /// <summary>Returns true where a pixel below the threshold, or the image's border, lies within <paramref name="line"/> pixels.</summary>
    private static bool IsEdge(AnomalyMap map, int i, float threshold, int line)
    {
        var (y, x) = Math.DivRem(i, map.Width);
        return Below(x - line, y) || Below(x + line, y) || Below(x, y - line) || Below(x, y + line);

        bool Below(int atX, int atY) =>
            atX < 0 || atY < 0 || atX >= map.Width || atY >= map.Height || map.Scores[(atY * map.Width) + atX] < threshold;
    }

    private static byte Blend(byte under, byte over, float alpha) => (byte)(under + (alpha * (over - under)) + 0.5f);

    private static int Level(float score, float low, float factor) => (int)Math.Clamp((score - low) * factor, 0, 255);

    private static (byte R, byte G, byte B) Colour(int level)
    {
        var at = level / 255f * (Stops.Length - 1);
        var below = Math.Min((int)at, Stops.Length - 2);
        var (a, b, t) = (Stops[below], Stops[below + 1], at - below);
        return (Mix(a.R, b.R), Mix(a.G, b.G), Mix(a.B, b.B));

        byte Mix(byte x, byte y) => (byte)MathF.Round(x + (t * (y - x)));
    }
}
