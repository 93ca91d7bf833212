namespace MrfAd.Station.Options;

/// <summary>Checks the memory budget and returns one sentence for each fault.</summary>
internal static class MemoryOptionsValidator
{
    private const int MinMb = 64;

    /// <param name="path">The path of these options in the configuration; it begins each sentence.</param>
    public static IEnumerable<string> Validate(MemoryOptions options, string path)
    {
        if (options.BudgetMb is { } megabytes && megabytes < MinMb)
            yield return $"{path}.budget_mb: want at least {MinMb}, or null, got {megabytes}";
    }
}
