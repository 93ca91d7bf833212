namespace MrfAd.Station.Options;

/// <summary>Checks the options of a reject gate and returns one sentence for each fault.</summary>
internal static class RejectOutputOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(RejectOutputOptions options, string path)
    {
        if (OptionChecks.FaultIn(() => GpioAddress.Parse(options.Line)) is { } fault)
            yield return $"{path}.line: {fault}";
        if (!OptionChecks.IsTimer(options.Width))
            yield return $"{path}.width: want 1ms to 24h";
        if (options.Delay < TimeSpan.Zero || options.Delay > TimeSpan.FromHours(24))
            yield return $"{path}.delay: want 0s to 24h";
    }
}
