namespace MrfAd.Station.Options;

/// <summary>Checks the options of traces and returns one sentence for each fault.</summary>
internal static class TracesOptionsValidator
{
    private const int MaxQueueLength = 100_000;

    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(TracesOptions options, string path)
    {
        if (options.Endpoint is { } endpoint && EndpointFault(endpoint) is { } fault)
            yield return $"{path}.endpoint: {fault}";
        foreach (var missing in OptionChecks.MissingSecret($"{path}.headers_file", options.HeadersFile))
            yield return missing;
        if (options.SamplingRatio is not (> 0 and <= 1))
            yield return FormattableString.Invariant($"{path}.sampling_ratio: want above 0, to 1 (every part), got {options.SamplingRatio}");
        if (options.QueueLength is < 1 or > MaxQueueLength)
            yield return $"{path}.queue_length: want 1 to {MaxQueueLength} spans, got {options.QueueLength}";
        if (options.Timeout < TimeSpan.FromMilliseconds(100) || options.Timeout > TimeSpan.FromMinutes(1))
            yield return FormattableString.Invariant($"{path}.timeout: want 100ms to 1m, got {options.Timeout.TotalSeconds}s");
    }

    private static string? EndpointFault(string endpoint)
    {
        // An address with an '@' or a query may hold a secret, which must not be shown.
        var got = endpoint.IndexOfAny(['@', '?']) >= 0 ? "" : $", got '{endpoint}'";
        return FetchPlace.IsAddress(endpoint) && Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address is { UserInfo: "", Query: "", Fragment: "" }
            ? null
            : $"want the address of an OpenTelemetry collector, such as 'http://127.0.0.1:4318'{got}; user and password are no part of it, a header goes into traces.headers_file";
    }
}
