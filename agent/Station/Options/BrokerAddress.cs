using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MrfAd.Station.Options;

/// <summary>Reads the address of a broker as people write it.</summary>
public static class BrokerAddress
{
    /// <param name="text">The address, such as "broker", "broker:1883", "10.0.0.5", "::1" or "[::1]:1883", with or without "mqtt://" before it.</param>
    /// <returns>The host and the port, 1 to 65535; null where the text has none of these forms.</returns>
    public static (string Host, int Port)? Parse(string text, int defaultPort)
    {
        const string Scheme = "mqtt://";
        var rest = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].TrimEnd('/') : text;
        if (IsHost(rest))
            return (rest, defaultPort);
        var colon = rest.LastIndexOf(':');
        var (host, port) = rest.EndsWith(']') ? (rest, $"{defaultPort}") : colon > 0 ? (rest[..colon], rest[(colon + 1)..]) : ("", "");
        if (host is ['[', .. var address, ']'])
            host = address.Contains(':', StringComparison.Ordinal) ? address : "";
        else if (host.Contains(':', StringComparison.Ordinal))
            return null; // an IPv6 address with a port needs brackets: without them its end cannot be distinguished from the port
        return IsHost(host) && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535 ? (host, number) : null;
    }

    /// <summary>Returns true for a name or an address alone: no scheme, port, path, user or brackets.</summary>
    public static bool IsHost(string text) =>
        (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !text.StartsWith('['))
        || (text.Length is > 0 and <= 253 && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '.' or '_'));
}
