using System.Text;

namespace MrfAd.Station.Mqtt;

/// <summary>One message with the properties of MQTT 5.</summary>
public sealed record MqttMessage(string Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Quality of service, 0 or 1. QoS 2 is not used; consumers de-duplicate by id.</summary>
    public int Qos { get; init; } = 1;

    public bool Retain { get; init; }

    /// <summary>True for an answer on a topic that somebody else chose: where the broker refuses it, that is no problem of the station.</summary>
    public bool IsReply { get; init; }

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    public ReadOnlyMemory<byte> CorrelationData { get; init; }

    /// <summary>Time after which the broker drops the message instead of delivering it; for a received message, the time that was left when it arrived.</summary>
    public TimeSpan? Expiry { get; init; }

    /// <summary>The expiry in whole seconds, rounded up, as MQTT sends it.</summary>
    public uint? ExpirySeconds => Expiry is { } expiry ? (uint)Math.Clamp(Math.Ceiling(expiry.TotalSeconds), 0, uint.MaxValue) : null;

    public IReadOnlyList<KeyValuePair<string, string>> UserProperties { get; init; } = [];

    /// <summary>Upper bound of the size of the PUBLISH packet of MQTT 5 in bytes; length fields are counted with their maximum size.</summary>
    public long PacketBytes =>
        14 + Text(Topic) + Payload.Length + (ExpirySeconds is null ? 0 : 5) + Property(ContentType) + Property(ResponseTopic)
        + (CorrelationData.IsEmpty ? 0 : 3 + CorrelationData.Length) + UserProperties.Sum(p => 1L + Text(p.Key) + Text(p.Value));

    private static long Text(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    private static long Property(string? text) => text is null ? 0 : 1 + Text(text);
}
