namespace MrfAd.Engine.Verdicts;

/// <summary>
/// The typical appearance of good images, from which drift of the line is measured, long before images become unfit for inspection. Each measure reacts to one
/// cause: light to the lamp and the exposure, focus to the lens, place to camera, fixture and trigger.
/// </summary>
public sealed record ReferenceAppearance
{
    // Variations that are harmless in production: 2 % of light, 5 % of sharpness, 0.4 % of the image's side.
    private const double HarmlessLight = 0.02;
    private const double HarmlessFocus = 0.05;
    private const double HarmlessShift = 0.004;

    // Added to both sides of a ratio of brightness: below one grey level of 8 bits, a value says nothing about the lamp.
    private const double Black = 1.0 / 255;

    /// <summary>The mean good image, [32, 32] from 0 to 255.</summary>
    public required byte[] Grey { get; init; }

    /// <summary>Natural logarithm of the ratio of an image's light to that of the mean good image.</summary>
    public required ReferenceValue Light { get; init; }

    /// <summary>Natural logarithm of <see cref="ImageStatistics.Sharpness"/>.</summary>
    public required ReferenceValue Focus { get; init; }

    /// <summary>The part's horizontal position as a share of the image's width; null where good parts are not similar enough to be located.</summary>
    public ReferenceValue? X { get; init; }

    /// <summary>The part's vertical position as a share of the image's height; null where good parts are not similar enough to be located.</summary>
    public ReferenceValue? Y { get; init; }

    internal bool IsWhole => Grey.Length == ImageStatistics.Side * ImageStatistics.Side && new[] { Light, Focus, X, Y }.All(v => v is null or { Spread: > 0 }) && X is null == Y is null;

    /// <param name="places">The position of each part; null where the parts are not similar enough to be located.</param>
    internal static ReferenceAppearance Of(IReadOnlyList<ImageStatistics> statistics, IReadOnlyList<PartPlace>? places)
    {
        var grey = new byte[ImageStatistics.Side * ImageStatistics.Side];
        for (var i = 0; i < grey.Length; i++)
            grey[i] = (byte)Math.Round(255 * statistics.Average(l => l.Grey[i]));
        return new ReferenceAppearance
        {
            Grey = grey,
            Light = ReferenceValue.Of(statistics.Select(l => LogLight(l.Grey, grey)), HarmlessLight),
            Focus = ReferenceValue.Of(statistics.Select(LogFocus), HarmlessFocus),
            X = places is null ? null : ReferenceValue.Of(places.Select(p => p.X / ImageStatistics.Side), HarmlessShift),
            Y = places is null ? null : ReferenceValue.Of(places.Select(p => p.Y / ImageStatistics.Side), HarmlessShift),
        };
    }

    internal ImageDrift DriftOf(ImageStatistics image, PartPlace? place) => new(
        Light.Sigmas(LogLight(image.Grey, Grey)),
        Focus.Sigmas(LogFocus(image)),
        place is null ? null : X?.Sigmas(place.Value.X / ImageStatistics.Side),
        place is null ? null : Y?.Sigmas(place.Value.Y / ImageStatistics.Side));

    /// <summary>
    /// Returns the median, over the brighter half of the mean image, of the logarithm of each place's brightness relative to the mean image. A lamp changes all places alike; a part
    /// that looks different changes only where it is, and the median does not follow it as long as that is less than half.
    /// </summary>
    internal static double LogLight(float[] image, byte[] grey)
    {
        var middle = grey.Order().ElementAt(grey.Length / 2);
        var ratios = new List<double>(grey.Length);
        for (var i = 0; i < grey.Length; i++)
        {
            if (grey[i] >= middle)
                ratios.Add(Math.Log((image[i] + Black) / ((grey[i] / 255.0) + Black)));
        }

        ratios.Sort();
        return ratios[ratios.Count / 2];
    }

    private static double LogFocus(ImageStatistics image) => Math.Log(Math.Max(image.Sharpness, 1e-6));
}
