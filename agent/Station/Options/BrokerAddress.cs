using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MrfAd.Station.Options;

/// <summary>Where a broker is, as people write it.</summary>
public static class BrokerAddress
{
    /// <param name="text">"broker", "broker:1883", "10.0.0.5", "::1", "[::1]:1883", each also behind "mqtt://".</param>
    /// <returns>Null: it is none of these.</returns>
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
            return null; // an IPv6 address with a port wants brackets: where it ends cannot be seen
        return IsHost(host) && int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535 ? (host, number) : null;
    }

    /// <summary>Returns true for a name or an address alone: no scheme, port, path, user or brackets.</summary>
    public static bool IsHost(string text) =>
        (IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && !text.StartsWith('['))
        || (text.Length is > 0 and <= 253 && text.All(c => char.IsLetterOrDigit(c) || c is '-' or '.' or '_'));
}
