using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>Checks the products of a station and returns one sentence for each fault.</summary>
internal static class ProductOptionsValidator
{
    public static IEnumerable<string> Validate(StationOptions station) =>
        station.Products.Count == 0
            ? station.Product is null ? [] : [$"product: there is no product '{station.Product}': 'products' is empty"]
            : [.. Active(station), .. station.Products.SelectMany((product, i) => Product(product, $"products[{i}]", station)), .. Twice(station.Products), .. NotOfCameras(station.Cameras)];

    private static IEnumerable<string> Active(StationOptions station)
    {
        if (station.Product is { } active && station.Products.All(p => p.Name != active))
            yield return $"product: there is no product '{active}'; there are {string.Join(", ", station.Products.Select(p => p.Name))}";
    }

    private static IEnumerable<string> Product(ProductOptions product, string path, StationOptions station)
    {
        if (NameFault(product.Name) is { } bad)
            yield return $"{path}.name: {bad}";
        foreach (var (camera, i) in product.Cameras.Select((camera, i) => (camera, i)).Where(c => station.Cameras.All(s => s.Name != c.camera.Name)))
            yield return $"{path}.cameras[{i}].name: there is no camera '{camera.Name}'; there are {string.Join(", ", station.Cameras.Select(c => c.Name))}";
        foreach (var twice in product.Cameras.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            yield return $"{path}.cameras: {twice.Count()} are named '{twice.Key}'; names tell them apart";
        foreach (var threshold in product.Cameras.Select(c => c.Threshold).Prepend(product.Threshold).OfType<float>().Where(t => !(t > 0 && float.IsFinite(t))))
            yield return $"{path}: threshold: want more than 0, got {threshold}";
        foreach (var fault in product.Cameras.Index().Where(c => c.Item.Gate is not null).SelectMany(c => RejectOutputOptionsValidator.Validate(c.Item.Gate!, $"{path}.cameras[{c.Index}].gate")))
            yield return fault;
        foreach (var used in station.Cameras.Select(camera => (Camera: camera.Name, Detector: product.Of(camera, station.Detector).Detector!)).GroupBy(c => c.Detector, c => c.Camera))
        {
            if (used.Key.Bank.Length == 0)
                yield return $"{path}.bank: want the model of '{product.Name}' for {string.Join(", ", used)}";
            else
                foreach (var wrong in DetectorOptionsValidator.Validate(used.Key, path, station.Collect))
                    yield return wrong;
        }
    }

    /// <returns>A clause that says why a name cannot be that of a product; null where it can.</returns>
    private static string? NameFault(string name) =>
        name.Length is 0 or > ProductOptions.MaxNameLength ? $"want 1 to {ProductOptions.MaxNameLength} characters, got {name.Length}"
        : !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name[0] == '.' ? $"want letters, digits, '-', '_' and '.', not a '.' first, got '{name}'"
        : OptionChecks.FaultIn(() => StationTopics.Level("product", name));

    // The name is that of a folder, which may lie on a disk that does not tell small letters from capital ones.
    private static IEnumerable<string> Twice(IReadOnlyList<ProductOptions> products) =>
        products.GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).Select(g => $"products: {g.Count()} are named '{g.Key}'; names tell them apart, in small letters or capitals");

    /// <summary>Refuses a score of a camera that would be compared with those of any product's model.</summary>
    private static IEnumerable<string> NotOfCameras(IReadOnlyList<CameraOptions> cameras) => cameras.Index().Where(c => c.Item.Threshold is not null)
        .Select(c => $"cameras[{c.Index}].threshold: a threshold belongs to a product: want it in products[].threshold, or products[].cameras[].threshold");
}
