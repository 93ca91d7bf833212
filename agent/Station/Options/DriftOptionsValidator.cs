namespace MrfAd.Station.Options;

/// <summary>Checks the options of the watch for drift and returns one sentence for each fault.</summary>
internal static class DriftOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(DriftOptions options, string path)
    {
        if (options.Frames is < 4 or > 10_000)
            yield return $"{path}.frames: want 4 to 10000, got {options.Frames}";
        foreach (var kind in Enum.GetValues<DriftKind>().Where(kind => !(options.LimitOf(kind) > 0)))
            yield return $"{path}.{MetricLabel.Of(kind)}: want more than 0, got {options.LimitOf(kind)}";
    }
}
