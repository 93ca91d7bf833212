using System.Net;

namespace MrfAd.Station.Options;

/// <summary>Names what is wrong with the options of the HTTP server, one sentence a fault.</summary>
internal static class HttpOptionsValidator
{
    /// <param name="path">Of the options in the configuration.</param>
    public static IEnumerable<string> Validate(HttpOptions options, string path)
    {
        foreach (var missing in OptionChecks.MissingSecret($"{path}.token_file", options.TokenFile))
            yield return missing;
        if (!IPAddress.TryParse(options.Address, out _))
            yield return $"{path}.address: want an IP address, got '{options.Address}'";
        if (options.MaxUploadMb is < 1 or > 1000)
            yield return $"{path}.max_upload_mb: want 1 to 1000, got {options.MaxUploadMb}";
        if (options.Port is < 0 or > 65535)
            yield return $"{path}.port: want 0 (any free one) to 65535, got {options.Port}";
    }
}
