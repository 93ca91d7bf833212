using System.Diagnostics;
using System.Text;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Mqtt;

/// <summary>One message with the properties of MQTT 5.</summary>
public sealed record MqttMessage(string Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Quality of service, 0 or 1. QoS 2 is not used; consumers de-duplicate by id.</summary>
    public int Qos { get; init; } = 1;

    public bool Retain { get; init; }

    /// <summary>The number of the connection on which alone the message may be sent, so that it overtakes none that was lost with an earlier one; null for any.</summary>
    public long? ConnectionNumber { get; init; }

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
        14 + Text(Topic) + Payload.Length + (ExpirySeconds is null ? 0 : 5) + Length(ContentType) + Length(ResponseTopic)
        + (CorrelationData.IsEmpty ? 0 : 3 + CorrelationData.Length) + UserProperties.Sum(p => 1L + Text(p.Key) + Text(p.Value));

    /// <returns>The value of the user property of that name; null where there is none.</returns>
    public string? Property(string name) => UserProperties.FirstOrDefault(p => p.Key == name).Value;

    /// <returns>The span of the sender, from the user properties of W3C's trace context; the default value where there is none, or traces are off.</returns>
    public ActivityContext Sender() => PartTrace.Source.HasListeners() ? PartTrace.SenderOf(Property("traceparent"), Property("tracestate")) : default;

    private static long Text(string text) => 2 + Encoding.UTF8.GetByteCount(text);

    private static long Length(string? text) => text is null ? 0 : 1 + Text(text);
}
