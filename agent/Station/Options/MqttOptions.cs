using System.Text.Json.Serialization;

namespace MrfAd.Station.Options;

/// <summary>The broker and how to greet it.</summary>
public sealed record MqttOptions
{
    public string Host { get; init; } = "127.0.0.1";

    public int Port { get; init; } = 1883;

    public MqttProtocol Protocol { get; init; }

    public TlsOptions Tls { get; init; } = new();

    /// <summary>Empty: "mrfad-site-line-station". A broker throws out the older of two clients of one name.</summary>
    public string ClientId { get; init; } = "";

    public string? Username { get; init; }

    /// <summary>A file that holds the password alone; never the password itself.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>
    /// For so long after a loss the broker keeps our subscriptions and what arrives for them; zero: not at all. Under 3.1.1 the broker decides how long.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>Bytes of the largest packet that the broker may send us, which it is told where MQTT 5 is spoken; null: any. No key of the configuration.</summary>
    [JsonIgnore]
    public int? LargestReceivedBytes { get; init; }

    /// <summary>5 s at least; a broker that is silent for twice that long counts as lost.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>The first wait before a reconnect; doubled each time, with jitter, up to <see cref="ReconnectDelayMax"/>.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan ReconnectDelayMax { get; init; } = TimeSpan.FromSeconds(30);
}
