using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;

namespace MrfAd.Testing;

/// <summary>Draws pictures of one part, an angle with a hole and a groove, at any place: each is drawn anew, so that shifting and turning lose nothing.</summary>
public static class TurnedPart
{
    public const int Width = 240, Height = 200;

    /// <summary>The middle of the part where it is not shifted, px.</summary>
    public static (double X, double Y) Centre { get; } = (120, 100);

    /// <returns>The place of a part that is turned about its middle and shifted.</returns>
    /// <param name="angle">The angle in degrees, positive clockwise.</param>
    public static Similarity At(double dx, double dy, double angle, double scale = 1) => Similarity.About(Centre, (Centre.X + dx, Centre.Y + dy), angle, scale);

    /// <returns>A grey picture of the part with a little noise.</returns>
    /// <param name="place">Maps a place of the part where it is not shifted to its place in the picture.</param>
    /// <param name="defect">The middle of a bright spot on the part, before it is shifted; null for a good part.</param>
    public static Image Make(Similarity place, int seed = 1, (double X, double Y)? defect = null) => Draw(seed, (x, y) =>
    {
        var (u, v) = place.Inverse().Map(x, y);
        return defect is var (defectX, defectY) && double.Hypot(u - defectX, v - defectY) < 6 ? 255 : Brightness(u, v);
    });

    /// <returns>A picture of the place where parts lie, without one.</returns>
    public static Image Empty(int seed = 1) => Draw(seed, (_, _) => Background);

    private const double Background = 200;

    private static double Brightness(double u, double v)
    {
        var onPart = u is > 60 and < 180 && v is > 60 and < 95 || u is > 60 and < 95 && v is >= 95 and < 150;
        if (!onPart || double.Hypot(u - 160, v - 78) < 9)
            return Background;
        return u is > 70 and < 75 ? 30 : 80 + (20 * Math.Sin(u / 6));
    }

    private static Image Draw(int seed, Func<double, double, double> brightness)
    {
        var random = new Random(seed);
        var image = new Image(Width, Height, 1);
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                // Four samples a pixel, so that edges are smooth.
                var sum = brightness(x + 0.25, y + 0.25) + brightness(x + 0.75, y + 0.25) + brightness(x + 0.25, y + 0.75) + brightness(x + 0.75, y + 0.75);
                image.Bytes[(y * Width) + x] = (byte)Math.Clamp((sum / 4) + random.Next(-2, 3), 0, 255);
            }
        }

        return image;
    }
}
