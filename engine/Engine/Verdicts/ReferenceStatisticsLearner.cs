using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Learns <see cref="ReferenceStatistics"/>. The limits are deliberately far from those of any good image: INVALID is for images that show nothing to
/// judge, and must never hide a defect.
/// </summary>
public sealed class ReferenceStatisticsLearner
{
    // The limit is half the light, or half the sharpness, of the worst good image.
    internal const double LimitShare = 0.5;

    // The limit lies a quarter of the way from the most saturated good image to an all-white one.
    internal const double SaturatedMargin = 0.25;

    // The limit lies below the least similar good image by the range of correlations among good images, at least by this much.
    private const double CorrelationMargin = 0.25;

    // With a lower limit, an empty belt could correlate with the mean as well as a good part does.
    internal const double MinUsableCorrelation = 0.3;

    // The limit lies beyond the largest shift of a good image by as much again, at least by this share of the side.
    private const double ShiftMargin = 0.03;

    private readonly List<ImageStatistics> _statistics = [];
    private readonly HashSet<(int Width, int Height)> _sizes = [];
    private readonly UnusedBits _unusedBits = new();

    /// <summary>A warning where samples of 16 bits seem to have fewer significant ones; null otherwise.</summary>
    public string? Warning => _unusedBits.Warning;

    public void Add(Image image)
    {
        _unusedBits.Add(image);
        _statistics.Add(ImageStatistics.Of(image));
        _sizes.Add((image.Width, image.Height));
    }

    /// <summary>Computes the statistics of images whose parts are aligned; at least two images must have been added.</summary>
    /// <param name="alignments">The place of the part in each image. Whether a frame shows the part, and where, is then found by alignment, not in thumbnails.</param>
    public ReferenceStatistics Finish(IReadOnlyList<AlignmentResult> alignments)
    {
        var (width, height) = _sizes.First();
        var statistics = Finish();
        return statistics with
        {
            MinCorrelation = null,
            MaxShift = null,
            Appearance = ReferenceAppearance.Of(_statistics, [.. alignments.Select(a => new PartPlace(
                a.Quality, a.Dx / width * ImageStatistics.Side, a.Dy / height * ImageStatistics.Side))]),
        };
    }

    /// <summary>Computes the statistics; at least two images must have been added.</summary>
    public ReferenceStatistics Finish()
    {
        var sum = new float[ImageStatistics.Side * ImageStatistics.Side];
        foreach (var image in _statistics)
            AddTo(sum, image.Thumbnail, 1);
        // Each image is compared with the mean of the others.
        var places = _statistics.ConvertAll(image =>
        {
            var others = (float[])sum.Clone();
            AddTo(others, image.Thumbnail, -1);
            return PartPlace.Find(image.Thumbnail, others);
        });
        var (min, max) = (places.Min(p => p.Correlation), places.Max(p => p.Correlation));
        var correlation = min - Math.Max(CorrelationMargin, max - min);
        var shift = places.Max(p => p.Distance) / ImageStatistics.Side;
        var saturated = _statistics.Max(l => l.Saturated);
        return new ReferenceStatistics
        {
            Width = _sizes.Count == 1 ? _sizes.First().Width : null,
            Height = _sizes.Count == 1 ? _sizes.First().Height : null,
            MinBrightness = LimitShare * _statistics.Min(l => l.Brightness),
            MaxSaturated = saturated + (SaturatedMargin * (1 - saturated)),
            MinSharpness = LimitShare * _statistics.Min(l => l.Sharpness),
            MinCorrelation = correlation >= MinUsableCorrelation ? correlation : null,
            MaxShift = correlation >= MinUsableCorrelation ? shift + Math.Max(ShiftMargin, shift) : null,
            Mean = Bytes(sum),
            Appearance = ReferenceAppearance.Of(_statistics, correlation >= MinUsableCorrelation ? places : null),
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
