namespace MrfAd.Engine.Verdicts;

/// <summary>
/// Compares each picture of a collection of good parts with the others: one that is dark, blown out or blurred is none to learn from. The limits lie as far from
/// the median as those of a bank lie from its worst good image.
/// </summary>
public sealed class CollectionCheck
{
    // With fewer pictures the median may itself be that of a bad one.
    private const int MinPictures = 5;

    // As long as there is no median: a covered lens and a lamp in the lens, but no dark part on a dark belt and no part on a light table.
    private const double Black = 0.02, White = 0.9;

    private readonly List<double> _brightness = [], _saturated = [], _sharpness = [];

    /// <summary>The number of pictures that were added.</summary>
    public int Count => _brightness.Count;

    /// <summary>Adds a picture.</summary>
    /// <returns>Its fault, by those that were added before it; null where it has none.</returns>
    public ImageFault? Add(ImageStatistics picture)
    {
        var fault = FaultOf(picture.Brightness, picture.Saturated, picture.Sharpness);
        Insert(_brightness, picture.Brightness);
        Insert(_saturated, picture.Saturated);
        Insert(_sharpness, picture.Sharpness);
        return fault;
    }

    /// <returns>The fault of a picture by all that were added until now; null where it has none.</returns>
    public ImageFault? FaultOf(double brightness, double saturated, double sharpness)
    {
        var hasMedian = Count >= MinPictures;
        var minBrightness = hasMedian ? ReferenceStatisticsLearner.LimitShare * Median(_brightness) : Black;
        var usual = hasMedian ? Median(_saturated) : 0;
        var maxSaturated = hasMedian ? usual + (ReferenceStatisticsLearner.SaturatedMargin * (1 - usual)) : White;
        var minSharpness = hasMedian ? ReferenceStatisticsLearner.LimitShare * Median(_sharpness) : 0;
        return brightness < minBrightness ? new ImageFault(ImageFaultKind.Dark, brightness, minBrightness)
            : saturated > maxSaturated ? new ImageFault(ImageFaultKind.BlownOut, saturated, maxSaturated)
            : sharpness < minSharpness ? new ImageFault(ImageFaultKind.Blurred, sharpness, minSharpness)
            : null;
    }

    private static void Insert(List<double> sorted, double value)
    {
        var at = sorted.BinarySearch(value);
        sorted.Insert(at < 0 ? ~at : at, value);
    }

    private static double Median(List<double> sorted) => (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
}
