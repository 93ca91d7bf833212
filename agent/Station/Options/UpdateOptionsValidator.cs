namespace MrfAd.Station.Options;

/// <summary>Checks the options of updates and returns one sentence for each fault.</summary>
internal static class UpdateOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    /// <param name="detectors">The folders of reference parts of the station's detectors, within the one that is configured.</param>
    public static IEnumerable<string> Validate(UpdateOptions options, string path, IEnumerable<string> detectors)
    {
        foreach (var fault in TrustedKeysValidator.Validate(options.TrustedKeys, $"{path}.trusted_keys"))
            yield return fault;
        foreach (var fault in TrustedKeysValidator.Validate(options.ProgramKeys, $"{path}.program_keys"))
            yield return fault;
        foreach (var place in options.FetchFrom.Where(p => !FetchPlace.IsAddress(p) && !Path.IsPathRooted(p)))
            yield return $"{path}.fetch_from: want http(s) addresses or whole paths, got '{place}'";
        if (options.GoldenFolder is { } golden && GoldenFault(golden, detectors) is { } why)
            yield return $"{path}.golden_folder: {why}";
        if (options.LargestMb < 1)
            yield return $"{path}.largest_mb: want at least 1, got {options.LargestMb}";
        if (options.Window is < 1 or > 64)
            yield return $"{path}.window: want 1 to 64, got {options.Window}";
        foreach (var fault in Numbers(options, path))
            yield return fault;
        if (options.SelfTestEvery is { } every && !OptionChecks.IsTimer(every))
            yield return $"{path}.self_test_every: want 1ms to 24h";
    }

    private static IEnumerable<string> Numbers(UpdateOptions options, string path)
    {
        (string, int)[] counts =
        [
            ("keep_free_mb", options.KeepFreeMb), ("recent_frames_mb", options.RecentFramesMb), ("shadow_frames", options.ShadowFrames), ("watch_verdicts", options.WatchVerdicts),
        ];
        foreach (var (key, count) in counts)
        {
            if (count < 0)
                yield return $"{path}.{key}: want 0 or more, got {count}";
        }

        foreach (var (key, share) in ((string, double)[])[("most_new_alarms", options.MostNewAlarms), ("most_watched_alarms", options.MostWatchedAlarms)])
        {
            if (share is not (>= 0 and <= 1))
                yield return $"{path}.{key}: want 0 to 1, got {share}";
        }
    }

    private static string? GoldenFault(string golden, IEnumerable<string> detectors)
    {
        var count = 0;
        return OptionChecks.FaultIn(() => count = detectors.Sum(folder => ReferenceParts.In(Path.Combine(golden, folder)).Count))
            ?? (count > 0 ? null : $"there are no images in '{golden}/good' or '{golden}/bad'");
    }
}
