namespace MrfAd.Station.Options;

/// <summary>Checks the options of a detector and returns one sentence for each fault.</summary>
internal static class DetectorOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    /// <param name="collect">The options of collecting: where it is enabled, the model need not exist.</param>
    public static IEnumerable<string> Validate(DetectorOptions options, string path, CollectingOptions collect)
    {
        var isCollecting = collect.Enabled && !Path.Exists(options.Bank);
        if (!isCollecting && OptionChecks.FileFault(options.Bank) is { } bank)
            yield return $"{path}.bank: {bank} ('mrfad learn' or 'mrfad train' makes one, and 'collect' lets the station learn it)";
        if (isCollecting && options.Method == DetectorMethod.Hlgfa)
            yield return $"{path}.method: there is no file '{options.Bank}', and the station learns banks, no HLGFA models ('mrfad train' makes one)";
        if (options.Background is { } background && OptionChecks.FileFault(background) is { } noModel)
            yield return $"{path}.background: {noModel}";
        if (options.Encoder is { } encoder && OptionChecks.FileFault(encoder) is { } noEncoder)
            yield return $"{path}.encoder: {noEncoder}";
        if (options.Threads < 0)
            yield return $"{path}.threads: want 0 (one for each core) or more, got {options.Threads}";
        if (options.SearchMemoryMb < 0)
            yield return $"{path}.search_memory_mb: want 0 (what there is) or more, got {options.SearchMemoryMb}";
    }
}
