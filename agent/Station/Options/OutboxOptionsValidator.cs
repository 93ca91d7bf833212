namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of the outbox, one sentence a fault.</summary>
internal static class OutboxOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
    public static IEnumerable<string> Validate(OutboxOptions options, string path)
    {
        if (options.VerdictsMb < 1)
            yield return $"{path}.verdicts_mb: want at least 1, got {options.VerdictsMb}";
        if (options.PicturesMb < 1)
            yield return $"{path}.pictures_mb: want at least 1, got {options.PicturesMb}";
        if (options.MaxAge < TimeSpan.FromMinutes(1))
            yield return $"{path}.max_age: want at least 1m";
        if (options.TriggerMemory < TimeSpan.Zero)
            yield return $"{path}.trigger_memory: want 0s (none) or more";
    }
}
