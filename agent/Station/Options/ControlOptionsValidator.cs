namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of commands, one sentence a fault.</summary>
internal static class ControlOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
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
