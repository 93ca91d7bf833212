using System.Text.Json;

namespace MrfAd.Station.Options;

/// <summary>Checks the options of a camera and returns one sentence for each fault; the options of its detector are checked by <see cref="DetectorOptionsValidator"/>.</summary>
public static class CameraOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(CameraOptions options, string path) =>
    [
        .. Source(options, path),
        .. TriggerLine(options, path),
        .. options.Code is { } code ? CodeOptionsValidator.Validate(code, $"{path}.code") : [],
        .. options.Gate is { } gate ? RejectOutputOptionsValidator.Validate(gate, $"{path}.gate") : [],
        .. Limits(options, path),
    ];

    private static IEnumerable<string> Source(CameraOptions options, string path)
    {
        if (OptionChecks.FaultIn(() => SourceAddress.Parse(options.Source)) is { } fault)
            yield return $"{path}.source: {fault}";
        else if (Missing(SourceAddress.Parse(options.Source)) is { } missing)
            yield return $"{path}.source: {missing}";
        else if (WrongTrigger(SourceAddress.Parse(options.Source), options.Trigger) is { } wrong)
            yield return $"{path}.trigger: {wrong}";
        if (options.Profile is { } profile && ProfileFault(profile, options.Source) is { } bad)
            yield return $"{path}.profile: {bad}";
    }

    private static IEnumerable<string> TriggerLine(CameraOptions options, string path)
    {
        if (options.Trigger == TriggerMode.Gpio && OptionChecks.FaultIn(() => GpioAddress.Parse(options.TriggerLine ?? "")) is { } fault)
            yield return $"{path}.trigger_line: {fault}";
        if (options.Trigger != TriggerMode.Gpio && options.TriggerLine is not null)
            yield return $"{path}.trigger_line: has no effect with \"trigger\": \"{JsonNamingPolicy.SnakeCaseLower.ConvertName(options.Trigger.ToString())}\"";
    }

    private static IEnumerable<string> Limits(CameraOptions options, string path)
    {
        if (options.Threshold is { } threshold && !(threshold > 0 && float.IsFinite(threshold)))
            yield return $"{path}.threshold: want more than 0, got {threshold}";
        if (!OptionChecks.IsTimer(options.Interval))
            yield return $"{path}.interval: want 1ms to 24h";
        if (options.StallAfter is { } stall && stall != TimeSpan.Zero && !OptionChecks.IsTimer(stall))
            yield return $"{path}.stall_after: want 0s (never), or 1ms to 24h";
        if (!OptionChecks.IsTimer(options.Deadline))
            yield return $"{path}.deadline: want 1ms to 24h";
        if (options.QueueLength < 1)
            yield return $"{path}.queue_length: want at least 1, got {options.QueueLength}";
    }

    private static string? Missing(SourceAddress source) => source switch
    {
        { Kind: SourceKind.Folder } when !Directory.Exists(source.Place) => $"there is no folder '{source.Place}'",
        { Kind: SourceKind.Video } => OptionChecks.FileFault(source.Place),
        _ => null,
    };

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
        return OptionChecks.FileFault(profile) ?? OptionChecks.FaultIn(() =>
        {
            var read = CameraProfile.Read(profile);
            if (source.StartsWith("v4l2:", StringComparison.Ordinal))
                V4l2Settings.Check(read);
        });
    }
}
