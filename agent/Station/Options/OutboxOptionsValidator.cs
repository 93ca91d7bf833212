namespace MrfAd.Station.Options;

/// <summary>Checks the options of the outbox and returns one sentence for each fault.</summary>
internal static class OutboxOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(OutboxOptions options, string path)
    {
        if (options.VerdictsMb < 1)
            yield return $"{path}.verdicts_mb: want at least 1, got {options.VerdictsMb}";
        if (options.PicturesMb < 1)
            yield return $"{path}.pictures_mb: want at least 1, got {options.PicturesMb}";
        if (options.MaxAge < TimeSpan.FromMinutes(1))
            yield return $"{path}.max_age: want at least 1m";
        if (options.Keep < TimeSpan.FromMinutes(1))
            yield return $"{path}.keep: want at least 1m";
        if (options.TriggerMemory < TimeSpan.Zero)
            yield return $"{path}.trigger_memory: want 0s (none) or more";
    }
}
