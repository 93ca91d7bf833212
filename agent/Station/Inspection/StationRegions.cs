using System.Collections.Concurrent;
using System.Text.Json;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// The regions that were drawn at the station, by camera and product; they hold before those of the bank. They are kept in <c>regions.json</c>, and each change is also a
/// line of <c>audit.jsonl</c>. Thread-safe.
/// </summary>
public sealed class StationRegions
{
    private readonly string _file;
    private readonly AuditLog _audit;
    private readonly ConcurrentDictionary<string, RegionSetting> _settings;
    private readonly Lock _change = new();

    /// <summary>Reads the regions of earlier runs.</summary>
    /// <param name="folder">The state folder, made if absent.</param>
    /// <exception cref="IOException">The file exists and cannot be read.</exception>
    public StationRegions(string folder)
    {
        UserFiles.CreateFolder(folder);
        (_file, _audit) = (Path.Combine(folder, "regions.json"), new AuditLog(folder));
        _settings = new(
            StateFile.Read<Dictionary<string, RegionSetting>>(_file, "regions that were drawn here are forgotten, and the banks' own hold", out var damage, FaultOf), StringComparer.Ordinal);
        Damage = damage;
    }

    /// <summary>One sentence where the file was damaged and set aside; null where it was not.</summary>
    public string? Damage { get; }

    /// <param name="product">The product; null where the station has none.</param>
    /// <returns>The regions that were drawn here; null where there are none.</returns>
    public RegionSetting? Find(string camera, string? product) => _settings.GetValueOrDefault(Key(camera, product));

    /// <param name="info">The detector that judges.</param>
    /// <returns>The regions that were drawn here; null where there are none, or they do not fit the detector, so that the bank's own hold.</returns>
    /// <inheritdoc cref="Find"/>
    /// <param name="camera">The camera; null where the detector judges none.</param>
    public PartRegions? InForce(string? camera, string? product, InspectorInfo info) =>
        camera is not null && Find(camera, product) is { } setting && Misfit(setting, info) is null ? setting.Regions : null;

    /// <returns>The reason why regions cannot be used with a detector; null where they can.</returns>
    public static string? Misfit(RegionSetting setting, InspectorInfo info)
    {
        var (drawn, learned) = (setting.Regions, info.Learned);
        if (learned is { IsMixed: false } && (learned.Width, learned.Height) != (drawn.WidthPx, drawn.HeightPx))
            return $"they are drawn over images of {drawn.WidthPx}x{drawn.HeightPx}, the bank '{info.BankId}' learned {learned.Width}x{learned.Height}";
        return setting.ReferenceSha256 == info.ReferenceSha256 ? null : $"they are drawn over another reference than that of the bank '{info.BankId}'";
    }

    /// <summary>Sets the regions, which are on disk when this returns and used from the next image on.</summary>
    /// <param name="setting">The regions; null returns to the bank's own.</param>
    /// <param name="by">The sender of the command, as far as it is known.</param>
    /// <exception cref="IOException">The file could not be written, and nothing has changed.</exception>
    public void Set(string camera, string? product, RegionSetting? setting, string by, DateTimeOffset at)
    {
        lock (_change)
        {
            var next = new SortedDictionary<string, RegionSetting>(_settings, StringComparer.Ordinal);
            var key = Key(camera, product);
            next.Remove(key);
            if (setting is not null)
                next[key] = setting;
            // The audit is written first: a line too many is better than a change without one.
            _audit.Add(new { at, by, what = "regions", camera, from = _settings.GetValueOrDefault(key)?.Regions.Sha256, to = setting?.Regions.Sha256, regions = setting?.Regions, product });
            AtomicFile.Write(_file, JsonSerializer.SerializeToUtf8Bytes(next, StationJson.Options));
            if (setting is null)
                _settings.TryRemove(key, out _);
            else
                _settings[key] = setting;
        }
    }

    private static string? FaultOf(Dictionary<string, RegionSetting> settings) => settings
        .Select(setting => setting.Value?.Regions is null ? $"'{setting.Key}' has no regions" : setting.Value.Regions.Fault is { } fault ? $"'{setting.Key}': {fault}" : null)
        .FirstOrDefault(fault => fault is not null);

    // No name of a camera or product has a '/'.
    private static string Key(string camera, string? product) => product is null ? camera : $"{product}/{camera}";
}
