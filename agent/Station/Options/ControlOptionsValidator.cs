namespace MrfAd.Station.Options;

/// <summary>Checks the options of commands and returns one sentence for each fault.</summary>
internal static class ControlOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(ControlOptions options, string path)
    {
        foreach (var fault in TrustedKeysValidator.Validate(options.TrustedKeys, $"{path}.trusted_keys"))
            yield return fault;
        if (!OptionChecks.IsTimer(options.SignatureFreshFor))
            yield return $"{path}.signature_fresh_for: want 1ms to 24h";
        if (!(options.ThresholdWithin >= 1))
            yield return $"{path}.threshold_within: want at least 1, got {options.ThresholdWithin}";
    }
}
