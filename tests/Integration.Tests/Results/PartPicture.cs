using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;

namespace MrfAd.Integration.Tests.Results;

/// <summary>Draws the picture of a round cap, where wanted with a scratch, and its heatmap.</summary>
internal static class PartPicture
{
    private const int Width = 320, Height = 256;

    public static Image Frame(int seed, bool isDefective)
    {
        var (image, random) = (new Image(Width, Height, 3), new Random(seed));
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                var r = Math.Sqrt(Math.Pow(x - 160, 2) + Math.Pow(y - 128, 2));
                var grey = (r < 100 ? r is > 84 and < 90 ? 140 : 190 - (int)(r / 4) : 50) + random.Next(-6, 7);
                if (isDefective && IsScratch(x, y))
                    grey = 30;
                image.Bytes.Slice(3 * ((y * Width) + x), 3).Fill((byte)grey);
            }
        }

        return image;
    }

    public static Image Heatmap(int seed, bool isDefective)
    {
        var (values, random) = (new float[Width * Height], new Random(seed));
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(random.NextDouble() * 30) + (isDefective ? 240 * MathF.Exp(-(float)(Math.Pow((i % Width) - 180, 2) + Math.Pow((i / Width) - 90, 2)) / 300) : 0);
        return Engine.Fusion.Heatmap.Render(new AnomalyMap(Width, Height, values), new HeatmapScale(0, 255));
    }

    private static bool IsScratch(int x, int y) => x is > 165 and < 195 && Math.Abs(y - 90 - ((x - 180) / 2)) < 3;
}
