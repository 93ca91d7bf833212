namespace MrfAd.Station.Options;

/// <summary>Checks the broker's options and returns one sentence for each fault.</summary>
internal static class MqttOptionsValidator
{
    private static readonly TimeSpan MinKeepAlive = TimeSpan.FromSeconds(5), MaxKeepAlive = TimeSpan.FromSeconds(ushort.MaxValue);

    /// <param name="path">The path of these options in the configuration, such as "mqtt.tls"; it begins each sentence.</param>
    public static IEnumerable<string> Validate(MqttOptions options, string path)
    {
        if (HostFault(options.Host) is { } fault)
            yield return $"{path}.host: {fault}";
        if (options.Port is < 1 or > 65535)
            yield return $"{path}.port: want 1 to 65535, got {options.Port}";
        if (options.KeepAlive < MinKeepAlive || options.KeepAlive > MaxKeepAlive)
            yield return $"{path}.keep_alive: want {MinKeepAlive.TotalSeconds}s to {MaxKeepAlive.TotalSeconds}s, got {options.KeepAlive.TotalSeconds}s";
        if (!OptionChecks.IsTimer(options.ReconnectDelay) || !OptionChecks.IsTimer(options.ReconnectDelayMax) || options.ReconnectDelayMax < options.ReconnectDelay)
            yield return $"{path}.reconnect_delay, {path}.reconnect_delay_max: want 1ms to 24h, the second not shorter than the first";
        if (options.SessionExpiry < TimeSpan.Zero || options.SessionExpiry > TimeSpan.FromDays(1))
            yield return $"{path}.session_expiry: want 0s (keep nothing) to 24h, got {options.SessionExpiry.TotalSeconds}s";
        foreach (var missing in OptionChecks.MissingSecret($"{path}.password_file", options.PasswordFile))
            yield return missing;
        if (options.PasswordFile is not null && options.Username is null)
            yield return $"{path}.password_file: want {path}.username with it";
        foreach (var wrong in TlsOptionsValidator.Validate(options.Tls, $"{path}.tls"))
            yield return wrong;
    }

    private static string? HostFault(string host)
    {
        if (host.Length == 0)
            return "is empty";
        // A host with an '@' may hold a password, which must not be shown.
        var got = host.Contains('@', StringComparison.Ordinal) ? "" : $", got '{host}'";
        return BrokerAddress.IsHost(host)
            ? null
            : $"want a name or an address alone, as 'broker' or '::1'{got}; the port is mqtt.port, the user mqtt.username, and TLS mqtt.tls.enabled";
    }
}
