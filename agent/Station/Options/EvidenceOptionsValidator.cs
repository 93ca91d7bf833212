namespace MrfAd.Station.Options;

/// <summary>Checks the options of the evidence and returns one sentence for each fault.</summary>
internal static class EvidenceOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(EvidenceOptions options, string path)
    {
        if (options.BudgetMb < 0)
            yield return $"{path}.budget_mb: want 0 (keep nothing) or more, got {options.BudgetMb}";
        if (options.OkOneIn < 0)
            yield return $"{path}.ok_one_in: want 0 (none) or more, got {options.OkOneIn}";
    }
}
