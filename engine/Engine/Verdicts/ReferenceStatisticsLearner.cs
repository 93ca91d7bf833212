using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Learns <see cref="ReferenceStatistics"/>. The limits are far from anything that a good part was, on purpose: INVALID is for images that show nothing to
/// judge, and a defect must never be one.
/// </summary>
public sealed class ReferenceStatisticsLearner
{
    // Less than half the light, or the sharpness, of the worst good image.
    private const double Least = 0.5;

    // A quarter of what is left between the most saturated good image and an all-white one.
    private const double SaturatedMargin = 0.25;

    // Below the least alike good image by as much as good images differ among themselves, or by this much of a correlation.
    private const double LikenessMargin = 0.25;

    // Below this an empty belt can be as like the mean as a good part.
    internal const double LeastTelling = 0.3;

    // Beyond the farthest good image by as much again, or by this share of the side.
    private const double MovedMargin = 0.03;

    private readonly List<ImageStatistics> _looks = [];
    private readonly HashSet<(int Width, int Height)> _sizes = [];

    public void Add(Image image)
    {
        _looks.Add(ImageStatistics.Of(image));
        _sizes.Add((image.Width, image.Height));
    }

    /// <summary>Of at least two images.</summary>
    public ReferenceStatistics Finish()
    {
        var sum = new float[ImageStatistics.Side * ImageStatistics.Side];
        foreach (var look in _looks)
            AddTo(sum, look.Thumbnail, 1);
        // Each against the mean of the others.
        var places = _looks.ConvertAll(look =>
        {
            var others = (float[])sum.Clone();
            AddTo(others, look.Thumbnail, -1);
            return PartPlace.Find(look.Thumbnail, others);
        });
        var (least, most) = (places.Min(p => p.Likeness), places.Max(p => p.Likeness));
        var likeness = least - Math.Max(LikenessMargin, most - least);
        var moved = places.Max(p => p.Way) / ImageStatistics.Side;
        var saturated = _looks.Max(l => l.Saturated);
        return new ReferenceStatistics
        {
            Width = _sizes.Count == 1 ? _sizes.First().Width : null,
            Height = _sizes.Count == 1 ? _sizes.First().Height : null,
            LeastBrightness = Least * _looks.Min(l => l.Brightness),
            MostSaturated = saturated + (SaturatedMargin * (1 - saturated)),
            LeastSharpness = Least * _looks.Min(l => l.Sharpness),
            LeastLikeness = likeness >= LeastTelling ? likeness : null,
            MostMoved = likeness >= LeastTelling ? moved + Math.Max(MovedMargin, moved) : null,
            Mean = Bytes(sum),
            Usual = ReferenceAppearance.Of(_looks, likeness >= LeastTelling ? places : null),
        };
    }

    private static void AddTo(float[] sum, float[] values, float sign)
    {
        for (var i = 0; i < sum.Length; i++)
            sum[i] += sign * values[i];
    }

    internal static byte[] Bytes(float[] mean)
    {
        var (low, high) = (mean.Min(), mean.Max());
        return [.. mean.Select(v => high > low ? (byte)MathF.Round((v - low) / (high - low) * 255) : (byte)0)];
    }
}
