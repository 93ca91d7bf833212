using System.Collections.Concurrent;
using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// The thresholds that commands have set in place of the bank's own, by camera. They are kept in <c>thresholds.json</c>, and each change is also a line of
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
    public float? Find(string camera, string bankSha256) =>
        _settings.TryGetValue(camera, out var setting) && setting.BankSha256 == bankSha256 ? setting.Threshold : null;

    /// <summary>Sets a threshold, which is on disk when this returns and used from the next image on.</summary>
    /// <param name="setting">The threshold; null returns to the bank's own.</param>
    /// <param name="by">The sender of the command, as far as it is known.</param>
    /// <exception cref="IOException">The file could not be written, and nothing has changed.</exception>
    public void Set(string camera, ThresholdSetting? setting, string by, DateTimeOffset at)
    {
        var next = new SortedDictionary<string, ThresholdSetting>(_settings, StringComparer.Ordinal);
        next.Remove(camera);
        if (setting is not null)
            next[camera] = setting;
        // The audit is written first: a line too many is better than a change without one.
        _audit.Add(new { at, by, what = "threshold", camera, from = _settings.GetValueOrDefault(camera)?.Threshold, to = setting?.Threshold, bank_sha256 = setting?.BankSha256 });
        Write(_file + ".new", FileMode.Create, JsonSerializer.Serialize(next, StationJson.Options));
        UserFiles.Move(_file + ".new", _file);
        if (setting is null)
            _settings.TryRemove(camera, out _);
        else
            _settings[camera] = setting;
    }

    /// <summary>Names a camera whose value is missing: the reader of JSON does not look at the values of a dictionary.</summary>
    private static string? WithoutValue(Dictionary<string, ThresholdSetting> settings) =>
        settings.Where(setting => setting.Value is null).Select(setting => $"'{setting.Key}' is null").FirstOrDefault();

    private static void Write(string path, FileMode mode, string text)
    {
        using var file = UserFiles.Open(path, mode, FileAccess.Write);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }
}
