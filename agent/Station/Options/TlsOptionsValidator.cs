namespace MrfAd.Station.Options;

/// <summary>Checks the options of the encrypted connection and returns one sentence for each fault.</summary>
internal static class TlsOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(TlsOptions options, string path)
    {
        foreach (var (key, file) in ((string, string?)[])[("ca_file", options.CaFile), ("certificate_file", options.CertificateFile), ("key_file", options.KeyFile)])
        {
            foreach (var missing in OptionChecks.MissingSecret($"{path}.{key}", file))
                yield return missing;
        }

        if (options.CertificateFile is null != options.KeyFile is null)
            yield return $"{path}.certificate_file, {path}.key_file: want both or neither";
        if (!options.Enabled && options != new TlsOptions())
            yield return $"{path}.enabled: is false, the other keys of {path} would have no effect";
        if (options.ServerName is { Length: 0 })
            yield return $"{path}.server_name: is empty; null means mqtt.host";
    }
}
