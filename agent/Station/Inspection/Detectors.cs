namespace MrfAd.Station.Inspection;

/// <summary>Maps products and cameras to detectors. Cameras whose detectors have the same options share one, whose bank and encoder are loaded once.</summary>
public sealed class Detectors : IDisposable
{
    private readonly Dictionary<(string? Product, string Camera), Detector> _all;

    /// <param name="all">The detectors by the product, null where the station has none, and the name of the camera; each opens its own inspector.</param>
    public Detectors(IEnumerable<(string? Product, string Camera, Detector Detector)> all)
    {
        _all = all.ToDictionary(d => (d.Product, d.Camera), d => d.Detector);
        All = [.. _all.Values.Distinct()];
    }

    /// <summary>The distinct detectors.</summary>
    public IReadOnlyList<Detector> All { get; }

    /// <returns>The detector of a camera.</returns>
    /// <param name="camera">The name of the camera.</param>
    /// <param name="product">The product; null where the station has none.</param>
    public Detector Of(string camera, string? product) => _all[(product, camera)];

    /// <returns>The products and cameras that a detector judges.</returns>
    public IEnumerable<(string? Product, string Camera)> JudgedBy(Detector detector) => _all.Where(d => d.Value == detector).Select(d => d.Key);

    /// <returns>The other products that are inspected at a camera, with their detectors.</returns>
    public IEnumerable<(string Product, Detector Detector)> Others(string camera, string product) =>
        _all.Where(d => d.Key.Camera == camera && d.Key.Product is { } other && other != product).Select(d => (d.Key.Product!, d.Value));

    /// <returns>The cameras at which a product is inspected.</returns>
    public IEnumerable<string> CamerasOf(string product) => _all.Keys.Where(key => key.Product == product).Select(key => key.Camera);

    public void Dispose()
    {
        foreach (var detector in All)
            detector.Dispose();
    }
}
