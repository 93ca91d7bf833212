using System.Text.Json.Serialization;

namespace MrfAd.Station.Options;

/// <summary>The options of the connection to the broker.</summary>
public sealed record MqttOptions
{
    /// <summary>The name or address of the broker, without scheme, port or user.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port of the broker, 1 to 65535.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>The version of MQTT.</summary>
    public MqttProtocol Protocol { get; init; }

    /// <summary>The encryption of the connection.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>The client id, unique at the broker, which disconnects the older of two clients with one id; empty means "mrfad-site-line-station".</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The user name; null means none.</summary>
    public string? Username { get; init; }

    /// <summary>The file that holds the password alone.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// The time for which the broker keeps our subscriptions and the messages for them after the connection is lost, up to 24 h; zero means not at all. Under 3.1.1 the broker decides how long.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>The maximum packet that the broker may send us, in bytes; null means no limit. It is announced with MQTT 5 alone, and is no key of the configuration.</summary>
    [JsonIgnore]
    public int? MaxReceivedBytes { get; init; }

    /// <summary>The keep-alive interval, at least 5 s; a broker that is silent for twice as long counts as lost.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first delay before a reconnect; it doubles each time, with jitter, up to <see cref="ReconnectDelayMax"/>.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The maximum delay before a reconnect.</summary>
    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(30);
}
