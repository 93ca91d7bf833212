namespace MrfAd.Station.Options;

/// <summary>Checks the options of collecting and returns one sentence for each fault.</summary>
internal static class CollectingOptionsValidator
{
    // Fewer good images cannot be both learned and held out.
    private const int MinParts = 4;

    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(CollectingOptions options, string path)
    {
        if (options.BudgetMb < 1)
            yield return $"{path}.budget_mb: want 1 or more, got {options.BudgetMb}";
        if (options.KeepFrames < 1)
            yield return $"{path}.keep_frames: want 1 or more, got {options.KeepFrames}";
        if (options.MinParts < MinParts)
            yield return $"{path}.min_parts: want {MinParts} or more, got {options.MinParts}";
        if (options.Scales.Count == 0 || !options.Scales.All(s => s is > 0 and <= 4) || options.Scales.Distinct().Count() < options.Scales.Count)
            yield return $"{path}.scales: want one or more different numbers above 0 and up to 4";
        if (options.LeastSide < 1)
            yield return $"{path}.least_side: want 1 or more, got {options.LeastSide}";
        if (options.Rows < 100)
            yield return $"{path}.rows: want null (all) or 100 or more, got {options.Rows}";
        if (options.FalseAlarms is not (> 0 and < 1000))
            yield return FormattableString.Invariant($"{path}.false_alarms: want a number between 0 and 1000, got {options.FalseAlarms}");
    }
}
