using System.Net;

namespace MrfAd.Station.Options;

/// <summary>Checks the options of the HTTP server and returns one sentence for each fault.</summary>
internal static class HttpOptionsValidator
{
    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(HttpOptions options, string path)
    {
        foreach (var missing in OptionChecks.MissingSecret($"{path}.token_file", options.TokenFile))
            yield return missing;
        if (!IPAddress.TryParse(options.Address, out _))
            yield return $"{path}.address: want an IP address, got '{options.Address}'";
        foreach (var host in options.Hosts.Where(h => Uri.CheckHostName(h) != UriHostNameType.Dns))
            yield return $"{path}.hosts: want names without scheme and port, such as 'press7.example.com', got '{host}'";
        if (options.MaxUploadMb is < 1 or > 1000)
            yield return $"{path}.max_upload_mb: want 1 to 1000, got {options.MaxUploadMb}";
        if (options.Port is < 0 or > 65535)
            yield return $"{path}.port: want 0 (any free one) to 65535, got {options.Port}";
    }
}
