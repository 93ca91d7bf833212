using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MrfAd.Agent.Mqtt;

namespace MrfAd.Agent.Reporting;

/// <summary>Turns what the station says into MQTT messages: which topic, which payload, retained or not.</summary>
public sealed class StationMessages(StationTopics topics, string version)
{
    public StationTopics Topics { get; } = topics;

    public MqttMessage Verdict(VerdictMessage verdict) =>
        Json(Topics.Verdict(verdict.Camera), verdict, MessageJson.Default.VerdictMessage);

    /// <param name="image">The bytes of an image file, colours on the bank's fixed scale.</param>
    /// <param name="contentType">"image/png" or "image/jpeg".</param>
    public MqttMessage Heatmap(VerdictMessage verdict, ReadOnlyMemory<byte> image, string contentType) =>
        Picture(Topics.Heatmap(verdict.Camera), verdict, image, contentType);

    /// <inheritdoc cref="Heatmap"/>
    /// <param name="image">The bytes of an image file, as the camera saw it.</param>
    public MqttMessage Frame(VerdictMessage verdict, ReadOnlyMemory<byte> image, string contentType) =>
        Picture(Topics.Frame(verdict.Camera), verdict, image, contentType);

    public MqttMessage State(StationState state, string? reason, DateTimeOffset at) =>
        Json(Topics.State, new StationStateMessage { Station = Topics.Station, State = state, Reason = reason, At = at }, MessageJson.Default.StationStateMessage)
            with { Retain = true };

    public MqttMessage Online(DateTimeOffset at) => Status(Presence.Online, null, at);

    public MqttMessage Offline(string reason, DateTimeOffset at) => Status(Presence.Offline, reason, at);

    /// <summary>What the broker says for us when we vanish.</summary>
    public MqttMessage Will() => Status(Presence.Offline, "the connection was lost", null);

    /// <param name="command">The message that asked; null is returned where it names no response topic.</param>
    public static MqttMessage? Reply(MqttMessage command, CommandReply reply) =>
        string.IsNullOrEmpty(command.ResponseTopic)
            ? null
            : Json(command.ResponseTopic, reply, MessageJson.Default.CommandReply) with { CorrelationData = command.CorrelationData };

    private MqttMessage Status(Presence presence, string? reason, DateTimeOffset? at) =>
        Json(Topics.Status, new StatusMessage { Station = Topics.Station, Status = presence, Reason = reason, At = at, Version = version }, MessageJson.Default.StatusMessage)
            with { Retain = true };

    private static MqttMessage Picture(string topic, VerdictMessage verdict, ReadOnlyMemory<byte> image, string contentType) =>
        new(topic, image)
        {
            ContentType = contentType,
            UserProperties =
            [
                new("id", verdict.Id.ToString()),
                new("seq", verdict.Seq.ToString(CultureInfo.InvariantCulture)),
            ],
        };

    private static MqttMessage Json<T>(string topic, T content, JsonTypeInfo<T> type) =>
        new(topic, JsonSerializer.SerializeToUtf8Bytes(content, type)) { ContentType = "application/json" };
}
