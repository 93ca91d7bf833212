using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Turns what the station says into MQTT messages: which topic, which payload, retained or not.</summary>
public sealed class StationMessages(StationTopics topics, string version)
{
    private const string Json = "application/json";

    public StationTopics Topics { get; } = topics;

    public Label VerdictLabel(VerdictMessage verdict) => Label(Topics.Verdict(verdict.Camera), verdict, Json);

    public static byte[] Content(VerdictMessage verdict) => JsonSerializer.SerializeToUtf8Bytes(verdict, MessageJson.Default.VerdictMessage);

    /// <param name="contentType">"image/png" or "image/jpeg".</param>
    public Label HeatmapLabel(VerdictMessage verdict, string contentType) => Label(Topics.Heatmap(verdict.Camera), verdict, contentType);

    /// <inheritdoc cref="HeatmapLabel"/>
    public Label FrameLabel(VerdictMessage verdict, string contentType) => Label(Topics.Frame(verdict.Camera), verdict, contentType);

    /// <summary>Returns a writer as <see cref="Write"/> that makes pictures small enough for the broker of a link.</summary>
    public static Func<Label, ReadOnlyMemory<byte>, bool, MqttMessage> FittedTo(IMqttLink link) => (label, content, late) => PictureFit.To(Write(label, content, late), link.MaximumPacketBytes);

    /// <summary>A verdict or a picture as it goes out.</summary>
    /// <param name="late">It does not go out when it is new: the verdict says so. A picture is as old as its verdict.</param>
    public static MqttMessage Write(Label label, ReadOnlyMemory<byte> content, bool late) =>
        label.ContentType == Json
            ? new(label.Topic, late ? Historical(content) : content) { ContentType = Json }
            : new(label.Topic, content)
            {
                ContentType = label.ContentType,
                UserProperties = [new("id", label.Id.ToString()), new("seq", label.Seq.ToString(CultureInfo.InvariantCulture))],
            };

    public MqttMessage State(HealthReport now) => Retained(Message(
        Topics.State,
        new StationStateMessage { Station = Topics.Station, State = now.State, Reason = now.Reason, At = now.Since, Cameras = now.Cameras },
        MessageJson.Default.StationStateMessage));

    public MqttMessage Outbox(StationOutbox outbox) => Retained(Message(
        Topics.Outbox,
        new OutboxStatusMessage
        {
            Station = Topics.Station,
            VerdictsWaiting = outbox.Verdicts.Waiting,
            PicturesWaiting = outbox.Pictures.Waiting,
            VerdictsDropped = outbox.Verdicts.DroppedEver,
            PicturesDropped = outbox.Pictures.DroppedEver,
            Trouble = outbox.Verdicts.Trouble ?? outbox.Pictures.Trouble,
        },
        MessageJson.Default.OutboxStatusMessage));

    public MqttMessage Online(DateTimeOffset at) => Status(Presence.Online, null, at);

    public MqttMessage Offline(string reason, DateTimeOffset at) => Status(Presence.Offline, reason, at);

    /// <summary>What the broker says for us when we vanish.</summary>
    public MqttMessage Will() => Status(Presence.Offline, "the connection was lost", null);

    /// <param name="command">The message that asked; null is returned where it names no response topic.</param>
    public static MqttMessage? Reply(MqttMessage command, CommandReply reply) =>
        string.IsNullOrEmpty(command.ResponseTopic)
            ? null
            : Message(command.ResponseTopic, reply, MessageJson.Default.CommandReply) with { CorrelationData = command.CorrelationData };

    private MqttMessage Status(Presence presence, string? reason, DateTimeOffset? at) =>
        Retained(Message(Topics.Status, new StatusMessage { Station = Topics.Station, Status = presence, Reason = reason, At = at, Version = version }, MessageJson.Default.StatusMessage));

    private static MqttMessage Retained(MqttMessage message) => message with { Retain = true };

    // An earlier version of the agent may have written it: only this one field is touched.
    private static byte[] Historical(ReadOnlyMemory<byte> verdict)
    {
        var message = JsonNode.Parse(verdict.Span)!;
        message["historical"] = true;
        return JsonSerializer.SerializeToUtf8Bytes(message);
    }

    private static Label Label(string topic, VerdictMessage verdict, string contentType) => new()
    {
        Topic = topic,
        ContentType = contentType,
        Camera = verdict.Camera,
        Seq = verdict.Seq,
        Id = verdict.Id,
        Trigger = verdict.Trigger.Id,
        At = verdict.Trigger.At,
    };

    private static MqttMessage Message<T>(string topic, T content, JsonTypeInfo<T> type) =>
        new(topic, JsonSerializer.SerializeToUtf8Bytes(content, type)) { ContentType = Json };
}
