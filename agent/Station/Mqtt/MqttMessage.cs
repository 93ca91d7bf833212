using System.Text;

namespace MrfAd.Station.Mqtt;

/// <summary>One message, in the terms of MQTT 5.</summary>
public sealed record MqttMessage(string Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>0 or 1; the product uses no QoS 2 (consumers de-duplicate by id).</summary>
    public int Qos { get; init; } = 1;

    public bool Retain { get; init; }

    public string? ContentType { get; init; }

    public string? ResponseTopic { get; init; }

    public ReadOnlyMemory<byte> CorrelationData { get; init; }

    /// <summary>After this the broker drops the message instead of delivering it; of a received one: what was left of it when it came.</summary>
    public TimeSpan? Expiry { get; init; }

    /// <summary>As MQTT carries it: whole seconds, rounded up.</summary>
    public uint? ExpirySeconds => Expiry is { } expiry ? (uint)Math.Clamp(Math.Ceiling(expiry.TotalSeconds), 0, uint.MaxValue) : null;

    public IReadOnlyList<KeyValuePair<string, string>> UserProperties { get; init; } = [];

    /// <summary>Bytes of the PUBLISH packet of MQTT 5, or some more: lengths are counted at their longest.</summary>
    public long PacketBytes =>
        14 + Text(Topic) + Payload.Length + (ExpirySeconds is null ? 0 : 5) + Property(ContentType) + Property(ResponseTopic)
        + (CorrelationData.IsEmpty ? 0 : 3 + CorrelationData.Length) + UserProperties.Sum(p => 1L + Text(p.Key) + Text(p.Value));

    private static long Text(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    private static long Property(string? text) => text is null ? 0 : 1 + Text(text);
}
