using Microsoft.Extensions.Logging;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// Compares the last frames of each camera and product with the good images of calibration, with a gauge for each kind of drift: drift = (median of the last frames − median of
/// the good images) / spread of the good images; for scores it is the normal quantile of the median p-value. Beyond a limit the station is warned, until the
/// drift is well below it again. It is used by one thread.
/// </summary>
public sealed partial class DriftGuard(DriftOptions options, MrfAdMeter meter, StationHealth health, ILogger<DriftGuard> log)
{
    // A warning ends below this share of its limit (hysteresis), so that it does not come and go.
    private const double EndShare = 0.8;

    // p-values are clamped to this distance from 0 and 1: the p-value of the lowest score is 1, whose quantile is minus infinity.
    private const double MinProbability = 0.001;

    private readonly Dictionary<(string Camera, string? Product), CameraDrift> _cameras = [];

    /// <summary>Adds an image that shows the part, whatever its verdict.</summary>
    /// <param name="name">The name of the camera.</param>
    /// <param name="by">The detector whose good images are the reference.</param>
    /// <param name="image">The deviation of the image from the good images, in their standard deviations.</param>
    /// <param name="product">The product that it shows; null where the station has none.</param>
    public void AddImage(string name, InspectorInfo by, ImageDrift image, string? product = null)
    {
        var (usual, camera) = (by.ReferenceStatistics!.Appearance!, (name, product));
        var drift = Of(camera, by);
        var light = drift.Light.Add(image.Light);
        if (Crosses(camera, drift, DriftKind.Light, light, Math.Abs(light)))
            Warn(camera, DriftKind.Light, light, $"{Percent(light * usual.Light.Spread)} {(light < 0 ? "darker" : "brighter")} than the good images");
        var focus = drift.Focus.Add(image.Focus);
        if (Crosses(camera, drift, DriftKind.Focus, focus, Math.Abs(focus)))
            Warn(camera, DriftKind.Focus, focus, $"{Percent(focus * usual.Focus.Spread)} {(focus < 0 ? "less" : "more")} sharp than the good images");
        if (image is { X: { } right, Y: { } down })
            AddPosition(name, by, right, down, product);
    }

    /// <summary>Adds the position of a part.</summary>
    /// <param name="right">The horizontal deviation of the part from the good ones, in their standard deviations.</param>
    /// <param name="down">The vertical deviation.</param>
    public void AddPosition(string name, InspectorInfo by, double right, double down, string? product = null)
    {
        var (usual, camera) = (by.ReferenceStatistics!.Appearance!, (name, product));
        var drift = Of(camera, by);
        var (x, y) = (drift.X.Add(right), drift.Y.Add(down));
        var way = double.Hypot(x, y);
        if (Crosses(camera, drift, DriftKind.Position, way, way))
            Warn(camera, DriftKind.Position, way, FormattableString.Invariant($"parts lie {100 * x * usual.X!.Spread:+0.0;-0.0} % of the width and {100 * y * usual.Y!.Spread:+0.0;-0.0} % of the height from where the good ones lay"));
    }

    /// <summary>Adds a score.</summary>
    /// <param name="name">The name of the camera.</param>
    /// <param name="pValue">The p-value of the score among those of the good images, 0 to 1.</param>
    /// <param name="product">The product by which it was judged; null where the station has none.</param>
    public void AddScore(string name, InspectorInfo by, double pValue, string? product = null)
    {
        var camera = (name, product);
        var drift = Of(camera, by);
        var share = drift.PValue.Add(pValue);
        var sigmas = UpperQuantile(share);
        if (Crosses(camera, drift, DriftKind.Score, sigmas, sigmas))
            Warn(camera, DriftKind.Score, sigmas, FormattableString.Invariant($"half of the parts score as high as only {100 * share:0} % of the good ones did"));
    }

    private CameraDrift Of((string Camera, string? Product) camera, InspectorInfo by)
    {
        if (_cameras.TryGetValue(camera, out var drift) && drift.BankSha256 == by.BankSha256)
            return drift;
        // Another bank was calibrated on other parts, to which the frames so far cannot be compared.
        foreach (var kind in Enum.GetValues<DriftKind>())
        {
            meter.SetDrift(camera.Camera, camera.Product, kind, double.NaN, options.LimitOf(kind));
            health.Warn(Name(camera, kind), null);
        }

        return _cameras[camera] = new CameraDrift(by.BankSha256, options.Frames);
    }

    /// <param name="far">The distance that is compared with the limit: the absolute value, for scores the value itself.</param>
    /// <returns>True where the drift is beyond its limit and was not before.</returns>
    private bool Crosses((string Camera, string? Product) camera, CameraDrift drift, DriftKind kind, double value, double far)
    {
        meter.SetDrift(camera.Camera, camera.Product, kind, value, options.LimitOf(kind));
        if (far >= options.LimitOf(kind))
            return drift.Warned.Add(kind);
        if (far < EndShare * options.LimitOf(kind) && drift.Warned.Remove(kind))
        {
            health.Warn(Name(camera, kind), null);
            LogBack(Name(camera, kind));
        }

        return false;
    }

    private void Warn((string Camera, string? Product) camera, DriftKind kind, double value, string words)
    {
        var text = FormattableString.Invariant($"{Name(camera, kind)} has drifted: {words} ({value:0.0} standard deviations, limit {options.LimitOf(kind)})");
        health.Warn(Name(camera, kind), text);
        LogDrift(text);
    }

    private static string Name((string Camera, string? Product) camera, DriftKind kind) =>
        $"camera {camera.Camera}{(camera.Product is null ? "" : $", product {camera.Product}")}: {MetricLabel.Of(kind)}";

    private static string Percent(double logarithm) => FormattableString.Invariant($"{100 * Math.Abs(Math.Exp(logarithm) - 1):0} %");

    /// <summary>The value that a standard normal variable exceeds with this probability (Abramowitz and Stegun 26.2.23; off by less than 0.00045).</summary>
    private static double UpperQuantile(double probability)
    {
        var p = Math.Clamp(probability, MinProbability, 1 - MinProbability);
        if (p > 0.5)
            return -UpperQuantile(1 - p);
        var t = Math.Sqrt(-2 * Math.Log(p));
        return t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
    }

    [LoggerMessage(211, LogLevel.Warning, "{What}")]
    private partial void LogDrift(string what);

    [LoggerMessage(212, LogLevel.Information, "{What} is as it was when the good parts were learned")]
    private partial void LogBack(string what);
}
