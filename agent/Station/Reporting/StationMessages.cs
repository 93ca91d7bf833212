using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Makes the station's MQTT messages: their topic, their payload, and whether they are retained.</summary>
public sealed class StationMessages(StationTopics topics, string version)
{
    private const string Json = "application/json";

    public StationTopics Topics { get; } = topics;

    /// <summary>An id of this run of the agent.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    /// <param name="traceparent">The W3C <c>traceparent</c> of the part's span; null where it has no trace.</param>
    public MessageHeaders VerdictHeaders(VerdictMessage verdict, string? traceparent = null) => Headers(Topics.Verdict(verdict.Camera), verdict, Json, traceparent);

    public static byte[] Content(VerdictMessage verdict) => JsonSerializer.SerializeToUtf8Bytes(verdict, MessageJson.Default.VerdictMessage);

    /// <param name="contentType">The media type of the picture, "image/png" or "image/jpeg".</param>
    public MessageHeaders HeatmapHeaders(VerdictMessage verdict, string contentType) => Headers(Topics.Heatmap(verdict.Camera), verdict, contentType);

    /// <inheritdoc cref="HeatmapHeaders"/>
    public MessageHeaders FrameHeaders(VerdictMessage verdict, string contentType) => Headers(Topics.Frame(verdict.Camera), verdict, contentType);

    /// <summary>Returns a function like <see cref="Write"/> that also scales pictures down to the packet size of the link's broker.</summary>
    public static Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage> FittedTo(IMqttLink link) => (headers, content, historical) => PictureFit.To(Write(headers, content, historical), link.MaximumPacketBytes);

    /// <summary>Makes the MQTT message of a verdict or a picture.</summary>
    /// <param name="historical">True where it is not sent when it is new. A verdict, also that of a part, then has its field <c>historical</c> set; a picture is as old as its verdict.</param>
    public static MqttMessage Write(MessageHeaders headers, ReadOnlyMemory<byte> content, bool historical) =>
        headers.ContentType == Json
            ? new(headers.Topic, historical ? Historical(content) : content) { ContentType = Json }
            : new(headers.Topic, content)
            {
                ContentType = headers.ContentType,
                UserProperties = [new("id", headers.Id.ToString()), new("seq", headers.Seq.ToString(CultureInfo.InvariantCulture))],
            };

    public MqttMessage State(HealthReport now) => Retained(Message(
        Topics.State,
        new StationStateMessage { Station = Topics.Station, State = now.State, Reason = now.Reason, At = now.Since, Cameras = now.Cameras, Products = now.Products, Version = version, SelfTest = now.SelfTest },
        MessageJson.Default.StationStateMessage));

    public MqttMessage Outbox(StationOutbox outbox) => Retained(Message(
        Topics.Outbox,
        new OutboxStatusMessage
        {
            Station = Topics.Station,
            VerdictsWaiting = outbox.Verdicts.Waiting,
            PicturesWaiting = outbox.Pictures.Waiting,
            VerdictsDropped = outbox.Verdicts.TotalDropped,
            PicturesDropped = outbox.Pictures.TotalDropped,
            PartsWaiting = outbox.Parts.Waiting,
            PartsDropped = outbox.Parts.TotalDropped,
            Trouble = outbox.Verdicts.Error ?? outbox.Pictures.Error,
        },
        MessageJson.Default.OutboxStatusMessage));

    public MqttMessage Online(DateTimeOffset at) => Status(Presence.Online, null, at);

    public MqttMessage Offline(string reason, DateTimeOffset at) => Status(Presence.Offline, reason, at);

    /// <summary>Makes the last will, which the broker publishes when the connection is lost.</summary>
    public MqttMessage Will() => Status(Presence.Offline, "the connection was lost", null);

    /// <summary>Makes the reply to a command.</summary>
    /// <param name="command">The message with the command; null is returned where it has no response topic.</param>
    public static MqttMessage? Reply(MqttMessage command, CommandReply reply) =>
        string.IsNullOrEmpty(command.ResponseTopic)
            ? null
            : Message(command.ResponseTopic, reply, MessageJson.Default.CommandReply) with { CorrelationData = command.CorrelationData, IsReply = true };

    private MqttMessage Status(Presence presence, string? reason, DateTimeOffset? at) =>
        Retained(Message(Topics.Status, new StatusMessage { Station = Topics.Station, Status = presence, Reason = reason, At = at, Version = version, Instance = Instance }, MessageJson.Default.StatusMessage));

    private static MqttMessage Retained(MqttMessage message) => message with { Retain = true };

    // An earlier version of the agent may have written the verdict: only this one field is changed.
    private static byte[] Historical(ReadOnlyMemory<byte> verdict)
    {
        var message = JsonNode.Parse(verdict.Span)!;
        message["historical"] = true;
        return JsonSerializer.SerializeToUtf8Bytes(message);
    }

    private static MessageHeaders Headers(string topic, VerdictMessage verdict, string contentType, string? traceparent = null) => new()
    {
        Topic = topic,
        ContentType = contentType,
        Camera = verdict.Camera,
        Seq = verdict.Seq,
        Id = verdict.Id,
        Trigger = verdict.Trigger.Id,
        At = verdict.Trigger.At,
        Traceparent = traceparent,
    };

    private static MqttMessage Message<T>(string topic, T content, JsonTypeInfo<T> type) =>
        new(topic, JsonSerializer.SerializeToUtf8Bytes(content, type)) { ContentType = Json };
}
