namespace MrfAd.Station.Options;

/// <summary>Checks the options of a code and returns one sentence for each fault.</summary>
internal static class CodeOptionsValidator
{
    private static readonly TimeSpan MinLimit = TimeSpan.FromMilliseconds(10), MaxLimit = TimeSpan.FromSeconds(10);

    /// <param name="path">The path of these options in the configuration; it begins each sentence.</param>
    public static IEnumerable<string> Validate(CodeOptions options, string path)
    {
        if (options.Region is { } region && options.Box?.IsWithin(int.MaxValue, int.MaxValue) != true)
            yield return $"{path}.region: want [x, y, width, height] in px, x and y at least 0, width and height at least 1, or null, got [{string.Join(", ", region)}]";
        if (options.Formats.Count == 0)
            yield return $"{path}.formats: want at least one";
        if (options.TimeLimit < MinLimit || options.TimeLimit > MaxLimit)
            yield return $"{path}.time_limit: want 10ms to 10s";
    }
}
