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

    /// <summary>Refuses a line whose outputs disagree on what its active level is.</summary>
    public static IEnumerable<string> ValidateTogether(StationOptions station) =>
        from gate in station.Cameras.Select(camera => camera.Gate).Concat(station.Products.SelectMany(product => product.Cameras).Select(camera => camera.Gate)).Append(station.Parts.Gate).OfType<RejectOutputOptions>()
        group gate.ActiveLow by gate.Line into line
        where line.Distinct().Count() > 1
        select $"gate: {line.Key} is active_low in one place and not in another: want one level for a line";
}
