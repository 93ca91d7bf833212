namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of a reject gate, one sentence a fault.</summary>
internal static class RejectOutputOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
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
