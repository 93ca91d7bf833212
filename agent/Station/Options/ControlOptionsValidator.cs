namespace MrfAd.Station.Options;

/// <summary>Checks the options of commands and returns one sentence for each fault.</summary>
internal static class ControlOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(ControlOptions options, string path)
    {
        foreach (var fault in TrustedKeysValidator.Validate(options.TrustedKeys, $"{path}.trusted_keys"))
            yield return fault;
        if (options.AllowUnsigned && options.TrustedKeys.Count > 0)
            yield return $"{path}.allow_unsigned: want false where there are trusted keys: nobody would have to sign";
        if (options.AlsoSigned.Count > 0 && options.TrustedKeys.Count == 0)
            yield return $"{path}.also_signed: want a key in {path}.trusted_keys: nobody could sign";
        if (!OptionChecks.IsTimer(options.SignatureFreshFor))
            yield return $"{path}.signature_fresh_for: want 1ms to 24h";
        if (!(options.ThresholdWithin >= 1))
            yield return $"{path}.threshold_within: want at least 1, got {options.ThresholdWithin}";
    }
}
