using System.Collections.Concurrent;
using System.Text.Json;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// The thresholds that commands have set in place of the bank's own, by camera and product. They are kept in <c>thresholds.json</c>, and each change is also a line of
/// <c>audit.jsonl</c>. A threshold that was set for another bank is not used.
/// </summary>
public sealed class Thresholds
{
    private readonly string _file;
    private readonly AuditLog _audit;
    private readonly ConcurrentDictionary<string, ThresholdSetting> _settings;

    /// <summary>Reads the thresholds of earlier runs.</summary>
    /// <param name="folder">The state folder, made if absent.</param>
    /// <exception cref="IOException">The file exists and cannot be read.</exception>
    public Thresholds(string folder)
    {
        UserFiles.CreateFolder(folder);
        (_file, _audit) = (Path.Combine(folder, "thresholds.json"), new AuditLog(folder));
        _settings = new(
            StateFile.Read<Dictionary<string, ThresholdSetting>>(_file, "thresholds that were set are forgotten, and the banks' own hold", out var damage, WithoutValue), StringComparer.Ordinal);
        Damage = damage;
    }

    /// <summary>One sentence where the file was damaged and set aside; null where it was not.</summary>
    public string? Damage { get; }

    /// <returns>The threshold; null where the bank's own is used.</returns>
    /// <param name="product">The product; null where the station has none.</param>
    public float? Find(string camera, string? product, string bankSha256) =>
        _settings.TryGetValue(Key(camera, product), out var setting) && setting.BankSha256 == bankSha256 ? setting.Threshold : null;

    /// <returns>The score from which on a part is NG: the one that was set, else the configured one, else the bank's own.</returns>
    /// <param name="options">The options of the camera while it inspects the product.</param>
    /// <param name="info">The detector that judges.</param>
    public float InForce(CameraOptions options, string? product, InspectorInfo info) => Find(options.Name, product, info.BankSha256) ?? options.Threshold ?? info.Threshold;

    /// <summary>Sets a threshold, which is on disk when this returns and used from the next image on.</summary>
    /// <param name="setting">The threshold; null returns to the bank's own.</param>
    /// <param name="by">The sender of the command, as far as it is known.</param>
    /// <exception cref="IOException">The file could not be written, and nothing has changed.</exception>
    public void Set(string camera, string? product, ThresholdSetting? setting, string by, DateTimeOffset at)
    {
        var next = new SortedDictionary<string, ThresholdSetting>(_settings, StringComparer.Ordinal);
        var key = Key(camera, product);
        next.Remove(key);
        if (setting is not null)
            next[key] = setting;
        // The audit is written first: a line too many is better than a change without one.
        _audit.Add(new { at, by, what = "threshold", camera, from = _settings.GetValueOrDefault(key)?.Threshold, to = setting?.Threshold, bank_sha256 = setting?.BankSha256, product });
        Write(_file + ".new", FileMode.Create, JsonSerializer.Serialize(next, StationJson.Options));
        UserFiles.Move(_file + ".new", _file);
        if (setting is null)
            _settings.TryRemove(key, out _);
        else
            _settings[key] = setting;
    }

    /// <summary>Names a camera whose value is missing: the reader of JSON does not look at the values of a dictionary.</summary>
    private static string? WithoutValue(Dictionary<string, ThresholdSetting> settings) =>
        settings.Where(setting => setting.Value is null).Select(setting => $"'{setting.Key}' is null").FirstOrDefault();

    // No name of a camera or product has a '/'.
    private static string Key(string camera, string? product) => product is null ? camera : $"{product}/{camera}";

    private static void Write(string path, FileMode mode, string text)
    {
        using var file = UserFiles.Open(path, mode, FileAccess.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
