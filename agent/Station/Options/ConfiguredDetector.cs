namespace MrfAd.Station.Options;

/// <summary>One of the different detectors that a configuration asks for. Cameras whose detectors have the same options share one; products share none, as each is updated for itself.</summary>
/// <param name="Product">The product that it judges; null where the station has no products.</param>
/// <param name="Camera">The camera that gives it its name; null for the station's or the product's own detector.</param>
/// <param name="Cameras">The cameras whose frames it judges; the station's own detector may have none.</param>
public sealed record ConfiguredDetector(string? Product, string? Camera, DetectorOptions Detector, IReadOnlyList<string> Cameras)
{
    /// <summary>The name of the detector's folder within one for all detectors, a relative path; empty for the station's own.</summary>
    public string Folder => Path.Combine(Product ?? "", Camera ?? "");

    /// <summary>Returns the different detectors of a configuration: without products the station's own first.</summary>
    public static IReadOnlyList<ConfiguredDetector> Of(StationOptions station) =>
        station.Products.Count == 0
            ? Of(null, station.Detector, station.Cameras.GroupBy(camera => camera.Detector ?? station.Detector, camera => camera.Name), evenUnused: true)
            : [.. station.Products.SelectMany(product => Of(
                product.Name, product.Of(new CameraOptions { Name = "" }, station.Detector).Detector!,
                station.Cameras.GroupBy(camera => product.Of(camera, station.Detector).Detector!, camera => camera.Name), evenUnused: false))];

    private static List<ConfiguredDetector> Of(string? product, DetectorOptions own, IEnumerable<IGrouping<DetectorOptions, string>> used, bool evenUnused)
    {
        var byOptions = used.ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g]);
        byOptions.Remove(own, out var cameras);
        return
        [
            .. cameras is not null || evenUnused ? [new ConfiguredDetector(product, null, own, cameras ?? [])] : Array.Empty<ConfiguredDetector>(),
            .. byOptions.Select(g => new ConfiguredDetector(product, g.Value[0], g.Key, g.Value)),
        ];
    }
}
