namespace MrfAd.Station.Options;

/// <summary>Checks the options of the page and returns one sentence for each fault.</summary>
internal static class DashboardOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(DashboardOptions options, string path)
    {
        foreach (var missing in OptionChecks.MissingSecret($"{path}.token_file", options.TokenFile))
            yield return missing;
        if (options.Keep is < 1 or > 10_000)
            yield return $"{path}.keep: want 1 to 10000, got {options.Keep}";
        if (options is { Closed: true, TokenFile: null })
            yield return $"{path}.closed: wants a {path}.token_file, or nobody could look";
    }
}
