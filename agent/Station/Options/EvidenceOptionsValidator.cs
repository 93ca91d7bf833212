namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of the evidence, one sentence a fault.</summary>
internal static class EvidenceOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
    public static IEnumerable<string> Validate(EvidenceOptions options, string path)
    {
        if (options.BudgetMb < 0)
            yield return $"{path}.budget_mb: want 0 (keep nothing) or more, got {options.BudgetMb}";
        if (options.OkOneIn < 0)
            yield return $"{path}.ok_one_in: want 0 (none) or more, got {options.OkOneIn}";
    }
}
