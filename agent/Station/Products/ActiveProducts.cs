using System.Collections.Concurrent;
using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Products;

/// <summary>
/// The products of a station, of which one is active for each camera: a part is judged by the one that is active when it is triggered. They are kept in
/// <c>products.json</c>, and each change is also a line of <c>audit.jsonl</c>. Thread-safe.
/// </summary>
public sealed class ActiveProducts
{
    // As much of an unknown name as an error shows.
    private const int MaxShown = 64;

    private readonly string _file;
    private readonly AuditLog _audit;
    private readonly ConcurrentDictionary<string, string> _active = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Product, string Camera), CameraOptions> _options = [];
    private readonly Lock _change = new();

    /// <summary>Reads the active products of an earlier run.</summary>
    /// <exception cref="IOException">The file exists and cannot be read.</exception>
    public ActiveProducts(StationOptions station)
    {
        (_file, _audit) = (Path.Combine(station.StateFolder, "products.json"), new AuditLog(station.StateFolder));
        Names = [.. station.Products.Select(p => p.Name)];
        if (Names.Count == 0)
            return;
        UserFiles.CreateFolder(station.StateFolder);
        var first = station.Product ?? Names[0];
        var stored = StateFile.Read<Dictionary<string, string?>>(_file, $"'{first}' is active", out var damage);
        var gone = new List<string>();
        foreach (var camera in station.Cameras)
        {
            var active = stored.GetValueOrDefault(camera.Name);
            if (active is not null && !Names.Contains(active))
                gone.Add($"'{Shown(active)}' was active for {camera.Name} and is no longer among the products: '{first}' is active");
            _active[camera.Name] = active is not null && Names.Contains(active) ? active : first;
            foreach (var product in station.Products)
                _options[(product.Name, camera.Name)] = product.Of(camera, station.Detector);
        }

        Damage = damage ?? (gone.Count == 0 ? null : string.Join("; ", gone));
    }

    /// <summary>Raised after each change, on the thread that made it.</summary>
    public event Action? Changed;

    /// <summary>The names of all products, in the order of the configuration; empty where the station has none.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>One sentence where the last active product is not known, or is no product any more; null otherwise.</summary>
    public string? Damage { get; }

    /// <returns>The active product of a camera; null where the station has no products.</returns>
    public string? Of(string camera) => _active.GetValueOrDefault(camera);

    /// <returns>The reason why a name is that of no product; null where it is one's.</returns>
    public string? Refuse(string product) =>
        Names.Contains(product) ? null : $"there is no product '{Shown(product)}'; {(Names.Count == 0 ? "this station has no products" : $"there are {string.Join(", ", Names)}")}";

    /// <returns>The options of a camera while it inspects a product: its threshold, and whether the image is checked.</returns>
    /// <param name="product">The product; null where the station has none.</param>
    public CameraOptions Options(CameraOptions camera, string? product) => product is null ? camera : _options[(product, camera.Name)];

    /// <summary>Makes a product the active one of some cameras. It is on disk when this returns, and holds for the triggers that come from then on.</summary>
    /// <param name="product">One of <see cref="Names"/>.</param>
    /// <param name="by">The sender of the command, as far as it is known.</param>
    /// <exception cref="IOException">The file could not be written, and nothing has changed.</exception>
    public void Set(string product, IReadOnlyCollection<string> cameras, string by, DateTimeOffset at)
    {
        lock (_change)
        {
            var next = new SortedDictionary<string, string>(_active, StringComparer.Ordinal);
            foreach (var camera in cameras)
                next[camera] = product;
            // The audit is written first: a line too many is better than a change without one.
            _audit.Add(new { at, by, what = "product", cameras, from = cameras.Select(Of), to = product });
            AtomicFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(next, StationJson.Options));
            foreach (var camera in cameras)
                _active[camera] = product;
        }

        Changed?.Invoke();
    }

    private static string Shown(string name) => name.Length <= MaxShown ? name : name[..MaxShown] + "…";
}
