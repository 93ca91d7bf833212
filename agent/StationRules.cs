using System.Net;
using System.Text.Json;
using MrfAd.Agent.BankUpdates;
using MrfAd.Agent.Capture;
using MrfAd.Agent.Capture.GenICam;
using MrfAd.Agent.Control;
using MrfAd.Agent.Evidence;
using MrfAd.Agent.Gpio;
using MrfAd.Agent.Health;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Keys;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Outbox;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent;

/// <summary>What a station's options must satisfy beyond their types.</summary>
public static class StationRules
{
    /// <returns>One sentence a fault, by key; none where all is well.</returns>
    public static IEnumerable<string> Check(StationOptions options) =>
        Names(options)
            .Concat(Network(options))
            .Concat(Outbox(options.Outbox))
            .Concat(Control(options.Control))
            .Concat(Evidence(options.Evidence))
            .Concat(Updates(options.Updates, options.Cameras))
            .Concat(Drift(options.Drift))
            .Concat(Detectors(options))
            .Concat(options.Cameras.SelectMany((camera, i) => Camera(camera, $"cameras[{i}]")));

    private static IEnumerable<string> Names(StationOptions options)
    {
        foreach (var (key, name) in ((string, string)[])[("site", options.Site), ("line", options.Line), ("station", options.Station)])
        {
            if (Fault(() => StationTopics.Level(key, name)) is { } fault)
                yield return fault;
        }

        var topics = new StationTopics("site", "line", "station");
        foreach (var fault in options.Cameras.Select(camera => Fault(() => topics.Verdict(camera.Name))).OfType<string>())
            yield return $"cameras: {fault}";
        if (options.Cameras.Count == 0)
            yield return "cameras: want at least one";
        foreach (var twice in options.Cameras.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            yield return $"cameras: {twice.Count()} are named '{twice.Key}'; names tell them apart";
    }

    private static IEnumerable<string> Network(StationOptions options)
    {
        if (options.Mqtt.Host.Length == 0)
            yield return "mqtt.host: is empty";
        else if (!BrokerAddress.IsHost(options.Mqtt.Host))
        {
            // What has an '@' may hold a password.
            yield return $"mqtt.host: want a name or an address alone, as 'broker' or '::1'{(options.Mqtt.Host.Contains('@', StringComparison.Ordinal) ? "" : $", got '{options.Mqtt.Host}'")}; the port is mqtt.port, the user mqtt.username, and TLS mqtt.tls.enabled";
        }

        if (options.Mqtt.Port is < 1 or > 65535)
            yield return $"mqtt.port: want 1 to 65535, got {options.Mqtt.Port}";
        if (options.Mqtt.KeepAlive < TimeSpan.FromSeconds(5) || options.Mqtt.KeepAlive > TimeSpan.FromSeconds(ushort.MaxValue))
            yield return $"mqtt.keep_alive: want 5s to {ushort.MaxValue}s, got {options.Mqtt.KeepAlive.TotalSeconds}s";
        if (!IsTimer(options.Mqtt.ReconnectDelay) || !IsTimer(options.Mqtt.ReconnectDelayMax) || options.Mqtt.ReconnectDelayMax < options.Mqtt.ReconnectDelay)
            yield return "mqtt.reconnect_delay, mqtt.reconnect_delay_max: want 1ms to 24h, the second not shorter than the first";
        if (options.Mqtt.SessionExpiry < TimeSpan.Zero || options.Mqtt.SessionExpiry > TimeSpan.FromDays(1))
            yield return $"mqtt.session_expiry: want 0s (keep nothing) to 24h, got {options.Mqtt.SessionExpiry.TotalSeconds}s";
        foreach (var fault in Secrets(options))
            yield return fault;
        foreach (var fault in Faces(options))
            yield return fault;
        if (!IPAddress.TryParse(options.Http.Address, out _))
            yield return $"http.address: want an IP address, got '{options.Http.Address}'";
        if (options.Dashboard.Keep is < 1 or > 10_000)
            yield return $"dashboard.keep: want 1 to 10000, got {options.Dashboard.Keep}";
        if (options.Dashboard is { Closed: true, TokenFile: null })
            yield return "dashboard.closed: wants a dashboard.token_file, or nobody could look";
        if (options.Http.MaxUploadMb is < 1 or > 1000)
            yield return $"http.max_upload_mb: want 1 to 1000, got {options.Http.MaxUploadMb}";
        var topics = options.Cameras.Select(c => c.Source).Where(s => s.StartsWith("mqtt:", StringComparison.Ordinal)).ToList();
        foreach (var (i, topic) in topics.Index())
        {
            foreach (var other in topics.Skip(i + 1).Where(t => TopicFilter.Overlap(topic["mqtt:".Length..], t["mqtt:".Length..])))
                yield return $"cameras: the sources '{topic}' and '{other}' take the same messages: each goes to one camera";
        }

        if (options.Http.Port is < 0 or > 65535)
            yield return $"http.port: want 0 (any free one) to 65535, got {options.Http.Port}";
    }

    private static IEnumerable<string> Outbox(OutboxOptions outbox)
    {
        if (outbox.VerdictsMb < 1)
            yield return $"outbox.verdicts_mb: want at least 1, got {outbox.VerdictsMb}";
        if (outbox.PicturesMb < 1)
            yield return $"outbox.pictures_mb: want at least 1, got {outbox.PicturesMb}";
        if (outbox.MaxAge < TimeSpan.FromMinutes(1))
            yield return "outbox.max_age: want at least 1m";
        if (outbox.TriggerMemory < TimeSpan.Zero)
            yield return "outbox.trigger_memory: want 0s (none) or more";
    }

    private static IEnumerable<string> Evidence(EvidenceOptions evidence)
    {
        if (evidence.BudgetMb < 0)
            yield return $"evidence.budget_mb: want 0 (keep nothing) or more, got {evidence.BudgetMb}";
        if (evidence.OkOneIn < 0)
            yield return $"evidence.ok_one_in: want 0 (none) or more, got {evidence.OkOneIn}";
    }

    private static IEnumerable<string> Control(ControlOptions control)
    {
        foreach (var fault in Keys("control.trusted_keys", control.TrustedKeys))
            yield return fault;
        if (!IsTimer(control.SignatureFreshFor))
            yield return "control.signature_fresh_for: want 1ms to 24h";
        if (!(control.ThresholdWithin >= 1))
            yield return $"control.threshold_within: want at least 1, got {control.ThresholdWithin}";
    }

    private static IEnumerable<string> Updates(UpdateOptions updates, IReadOnlyList<CameraOptions> cameras)
    {
        foreach (var fault in Keys("updates.trusted_keys", updates.TrustedKeys))
            yield return fault;
        if (updates.GoldenFolder is { } golden && GoldenFault(golden, cameras) is { } golds)
            yield return $"updates.golden_folder: {golds}";
        if (updates.LargestMb < 1)
            yield return $"updates.largest_mb: want at least 1, got {updates.LargestMb}";
        if (updates.Window is < 1 or > 64)
            yield return $"updates.window: want 1 to 64, got {updates.Window}";
        foreach (var (key, count) in ((string, int)[])[("keep_free_mb", updates.KeepFreeMb), ("recent_frames_mb", updates.RecentFramesMb), ("shadow_frames", updates.ShadowFrames), ("watch_verdicts", updates.WatchVerdicts)])
        {
            if (count < 0)
                yield return $"updates.{key}: want 0 or more, got {count}";
        }

        foreach (var (key, share) in ((string, double)[])[("most_new_alarms", updates.MostNewAlarms), ("most_watched_alarms", updates.MostWatchedAlarms)])
        {
            if (share is not (>= 0 and <= 1))
                yield return $"updates.{key}: want 0 to 1, got {share}";
        }

        if (updates.SelfTestEvery is { } every && !IsTimer(every))
            yield return "updates.self_test_every: want 1ms to 24h";
    }

    private static IEnumerable<string> Keys(string at, IReadOnlyList<TrustedKey> keys)
    {
        foreach (var key in keys.Where(key => !File.Exists(key.PublicKeyFile)))
            yield return $"{at}: there is no file '{key.PublicKeyFile}'";
        foreach (var twice in keys.GroupBy(key => key.Id).Where(g => g.Count() > 1 || g.Key.Length is 0 or > StationTopics.LongestName))
            yield return $"{at}: '{twice.Key}': want ids of 1 to {StationTopics.LongestName} characters, each once";
    }

    private static IEnumerable<string> Faces(StationOptions options)
    {
        if (Fault(() => TopicFilter.Check(options.HomeAssistant.Prefix)) is not null || options.HomeAssistant.Prefix.AsSpan().ContainsAny("+#"))
            yield return $"home_assistant.prefix: want a topic, got '{options.HomeAssistant.Prefix}'";
        var sparkplug = options.Sparkplug;
        foreach (var (key, name) in ((string, string?)[])[("group", sparkplug.Group), ("edge_node", sparkplug.EdgeNode), ("primary_host", sparkplug.PrimaryHost)])
        {
            if (name is not (null or "") && Fault(() => StationTopics.Level(key, name)) is { } fault)
                yield return $"sparkplug.{key}: {fault}";
        }

        if (sparkplug.PrimaryHost is "")
            yield return "sparkplug.primary_host: is empty; null means none";
    }

    private static IEnumerable<string> Secrets(StationOptions options)
    {
        var mqtt = options.Mqtt;
        (string Key, string? File)[] files =
        [
            ("mqtt.password_file", mqtt.PasswordFile), ("mqtt.tls.ca_file", mqtt.Tls.CaFile), ("mqtt.tls.certificate_file", mqtt.Tls.CertificateFile), ("mqtt.tls.key_file", mqtt.Tls.KeyFile),
            ("http.token_file", options.Http.TokenFile), ("dashboard.token_file", options.Dashboard.TokenFile),
        ];
        foreach (var (key, file) in files.Where(f => f.File is not null && !File.Exists(f.File)))
        {
            var why = file!.StartsWith(StationOptions.Credentials, StringComparison.Ordinal) ? ": systemd has set no such folder (LoadCredential= in the unit)" : "";
            yield return $"{key}: there is no file '{file}'{why}";
        }

        if (mqtt.PasswordFile is not null && mqtt.Username is null)
            yield return "mqtt.password_file: want mqtt.username with it";
        if (mqtt.Tls.CertificateFile is null != mqtt.Tls.KeyFile is null)
            yield return "mqtt.tls.certificate_file, mqtt.tls.key_file: want both or neither";
        if (!mqtt.Tls.Enabled && mqtt.Tls != new TlsOptions())
            yield return "mqtt.tls.enabled: is false, the other keys of mqtt.tls would have no effect";
        if (mqtt.Tls.ServerName is { Length: 0 })
            yield return "mqtt.tls.server_name: is empty; null means mqtt.host";
    }

    private static IEnumerable<string> Drift(DriftOptions drift)
    {
        if (drift.Frames is < 4 or > 10_000)
            yield return $"drift.frames: want 4 to 10000, got {drift.Frames}";
        foreach (var kind in Enum.GetValues<DriftKind>().Where(kind => !(drift.LimitOf(kind) > 0)))
            yield return $"drift.{MetricLabel.Of(kind)}: want more than 0, got {drift.LimitOf(kind)}";
    }

    private static IEnumerable<string> Detectors(StationOptions options) =>
        // The station's own may be nobody's.
        (options.Cameras.All(c => c.Detector is not null) && options.Cameras.Count > 0 ? [] : Detector(options.Detector, "detector"))
            .Concat(options.Cameras.SelectMany((camera, i) => camera.Detector is { } own ? Detector(own, $"cameras[{i}].detector") : []));

    private static IEnumerable<string> Detector(DetectorOptions detector, string key)
    {
        if (!File.Exists(detector.Bank))
            yield return $"{key}.bank: there is no file '{detector.Bank}' ('mrfad learn' or 'mrfad train' makes one)";
        if (detector.Background is { } background && !File.Exists(background))
            yield return $"{key}.background: there is no file '{background}'";
        if (detector.Encoder is { } encoder && !File.Exists(encoder))
            yield return $"{key}.encoder: there is no file '{encoder}'";
        if (detector.Threads < 0)
            yield return $"{key}.threads: want 0 (one for each core) or more, got {detector.Threads}";
        if (detector.SearchMemoryMb < 0)
            yield return $"{key}.search_memory_mb: want 0 (what there is) or more, got {detector.SearchMemoryMb}";
    }

    private static IEnumerable<string> Camera(CameraOptions camera, string key)
    {
        if (Fault(() => SourceAddress.Parse(camera.Source)) is { } fault)
            yield return $"{key}.source: {fault}";
        else if (Missing(SourceAddress.Parse(camera.Source)) is { } missing)
            yield return $"{key}.source: {missing}";
        else if (WrongTrigger(SourceAddress.Parse(camera.Source), camera.Trigger) is { } wrong)
            yield return $"{key}.trigger: {wrong}";
        if (camera.Profile is { } profile && ProfileFault(profile, camera.Source) is { } bad)
            yield return $"{key}.profile: {bad}";
        if (camera.Trigger == TriggerMode.Gpio && Fault(() => GpioAddress.Parse(camera.TriggerLine ?? "")) is { } line)
            yield return $"{key}.trigger_line: {line}";
        if (camera.Trigger != TriggerMode.Gpio && camera.TriggerLine is not null)
            yield return $"{key}.trigger_line: has no effect with \"trigger\": \"{JsonNamingPolicy.SnakeCaseLower.ConvertName(camera.Trigger.ToString())}\"";
        if (camera.Gate is { } gate)
        {
            if (Fault(() => GpioAddress.Parse(gate.Line)) is { } output)
                yield return $"{key}.gate.line: {output}";
            if (!IsTimer(gate.Width))
                yield return $"{key}.gate.width: want 1ms to 24h";
            if (gate.Delay < TimeSpan.Zero || gate.Delay > TimeSpan.FromHours(24))
                yield return $"{key}.gate.delay: want 0s to 24h";
        }

        if (camera.Threshold is { } threshold && !(threshold > 0 && float.IsFinite(threshold)))
            yield return $"{key}.threshold: want more than 0, got {threshold}";
        if (!IsTimer(camera.Interval))
            yield return $"{key}.interval: want 1ms to 24h";
        if (camera.StallAfter is { } stall && stall != TimeSpan.Zero && !IsTimer(stall))
            yield return $"{key}.stall_after: want 0s (never), or 1ms to 24h";
        if (!IsTimer(camera.Deadline))
            yield return $"{key}.deadline: want 1ms to 24h";
        if (camera.QueueLength < 1)
            yield return $"{key}.queue_length: want at least 1, got {camera.QueueLength}";
    }

    private static string? WrongTrigger(SourceAddress source, TriggerMode trigger) => source.Kind switch
    {
        _ when source.Watch && trigger != TriggerMode.FreeRun => "a watched folder triggers itself: want \"free_run\"",
        SourceKind.Mqtt when trigger != TriggerMode.Mqtt => "messages trigger it: want \"mqtt\"",
        SourceKind.Http when trigger != TriggerMode.Http => "uploads trigger it: want \"http\"",
        not (SourceKind.GigE or SourceKind.Usb3) when trigger == TriggerMode.Line => "only gige: and usb3: cameras have a line of their own",
        _ => null,
    };

    private static string? ProfileFault(string profile, string source)
    {
        if (!File.Exists(profile))
            return $"there is no file '{profile}'";
        try
        {
            return Fault(() =>
            {
                var read = CameraProfile.Read(profile);
                if (source.StartsWith("v4l2:", StringComparison.Ordinal))
                    GstPipeline.Device(source, read);
            });
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    private static string? GoldenFault(string golden, IReadOnlyList<CameraOptions> cameras)
    {
        try
        {
            return cameras.Select(camera => Path.Combine(golden, camera.Name)).Prepend(golden).Any(folder => GoldenParts.In(folder).Count > 0)
                ? null
                : $"there are no images in '{golden}/good' or '{golden}/bad'";
        }
        catch (IOException e)
        {
            return e.Message;
        }
    }

    // What the clock's timers take, with good sense as the upper end.
    private static bool IsTimer(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromHours(24);

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
