using System.Net;
using MrfAd.Agent.Capture;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent;

/// <summary>What a station's options must satisfy beyond their types.</summary>
public static class StationRules
{
    /// <returns>One sentence a fault, by key; none where all is well.</returns>
    public static IEnumerable<string> Check(StationOptions options) =>
        Names(options)
            .Concat(Network(options))
            .Concat(Detector(options))
            .Concat(options.Cameras.SelectMany((camera, i) => Camera(camera, $"cameras[{i}]")));

    private static IEnumerable<string> Names(StationOptions options)
    {
        (string Key, string Name)[] names =
        [
            ("site", options.Site), ("line", options.Line), ("station", options.Station),
            .. options.Cameras.Select((camera, i) => ($"cameras[{i}].name", camera.Name)),
        ];
        foreach (var (key, name) in names)
        {
            if (Fault(() => StationTopics.Level("topic level", name)) is { } fault)
                yield return $"{key}: {fault}";
        }

        if (options.Cameras.Count == 0)
            yield return "cameras: want at least one";
        foreach (var twice in options.Cameras.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            yield return $"cameras: {twice.Count()} are named '{twice.Key}'; names tell them apart";
        foreach (var reserved in options.Cameras.Where(c => c.Name == "cmd"))
            yield return $"cameras: '{reserved.Name}' is the name of the station's command topic";
    }

    private static IEnumerable<string> Network(StationOptions options)
    {
        if (options.Mqtt.Host.Length == 0)
            yield return "mqtt.host: is empty";
        if (options.Mqtt.Port is < 1 or > 65535)
            yield return $"mqtt.port: want 1 to 65535, got {options.Mqtt.Port}";
        if (options.Mqtt.KeepAlive < TimeSpan.FromSeconds(5))
            yield return $"mqtt.keep_alive: want at least 5s, got {options.Mqtt.KeepAlive.TotalSeconds}s";
        if (options.Mqtt.ReconnectDelay <= TimeSpan.Zero || options.Mqtt.ReconnectDelayMax < options.Mqtt.ReconnectDelay)
            yield return "mqtt.reconnect_delay: must be longer than nothing, and reconnect_delay_max not shorter";
        if (options.Mqtt.PasswordFile is { } file && !File.Exists(file))
            yield return $"mqtt.password_file: there is no file '{file}'";
        if (!IPAddress.TryParse(options.Http.Address, out _))
            yield return $"http.address: want an IP address, got '{options.Http.Address}'";
        if (options.Http.Port is < 0 or > 65535)
            yield return $"http.port: want 0 (any free one) to 65535, got {options.Http.Port}";
    }

    private static IEnumerable<string> Detector(StationOptions options)
    {
        if (!File.Exists(options.Detector.Bank))
            yield return $"detector.bank: there is no file '{options.Detector.Bank}' ('mrfad learn' makes one)";
        if (options.Detector.Encoder is { } encoder && !File.Exists(encoder))
            yield return $"detector.encoder: there is no file '{encoder}'";
        if (options.Detector.Threads < 0)
            yield return $"detector.threads: want 0 (one for each core) or more, got {options.Detector.Threads}";
    }

    private static IEnumerable<string> Camera(CameraOptions camera, string key)
    {
        if (Fault(() => SourceAddress.Parse(camera.Source)) is { } fault)
            yield return $"{key}.source: {fault}";
        else if (Missing(SourceAddress.Parse(camera.Source)) is { } missing)
            yield return $"{key}.source: {missing}";
        else if (SourceAddress.Parse(camera.Source).Watch && camera.Trigger != TriggerMode.FreeRun)
            yield return $"{key}.trigger: a watched folder triggers itself: want \"free_run\"";
        if (camera.Interval <= TimeSpan.Zero)
            yield return $"{key}.interval: must be longer than nothing";
        if (camera.Deadline <= TimeSpan.Zero)
            yield return $"{key}.deadline: must be longer than nothing";
        if (camera.QueueLength < 1)
            yield return $"{key}.queue_length: want at least 1, got {camera.QueueLength}";
    }

    private static string? Missing(SourceAddress source) => source switch
    {
        { Kind: SourceKind.Folder } when !Directory.Exists(source.Place) => $"there is no folder '{source.Place}'",
        { Kind: SourceKind.Video } when !File.Exists(source.Place) => $"there is no file '{source.Place}'",
        _ => null,
    };

    private static string? Fault(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return e.Message;
        }
    }
}
