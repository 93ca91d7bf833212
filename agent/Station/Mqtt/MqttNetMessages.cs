using System.Buffers;
using System.Text;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace MrfAd.Station.Mqtt;

/// <summary>Converts messages to those of MQTTnet and back.</summary>
internal static class MqttNetMessages
{
    /// <summary>Adds the will to the options of a connection.</summary>
    public static void AddWill(MqttClientOptionsBuilder builder, MqttMessage will, bool isMqtt5)
    {
        builder
            .WithWillTopic(will.Topic)
            .WithWillPayload(will.Payload.ToArray())
            .WithWillQualityOfServiceLevel((MqttQualityOfServiceLevel)will.Qos)
            .WithWillRetain(will.Retain);
        if (!isMqtt5)
            return;
        builder
            .WithWillContentType(will.ContentType)
            .WithWillResponseTopic(will.ResponseTopic)
            .WithWillCorrelationData(will.CorrelationData.IsEmpty ? null : will.CorrelationData.ToArray());
        if (will.ExpirySeconds is { } seconds)
            builder.WithWillMessageExpiryInterval(seconds);
        foreach (var (name, value) in will.UserProperties)
            builder.WithWillUserProperty(name, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Returns a message as MQTTnet sends it; without its properties under MQTT 3.1.1.</summary>
    public static MqttApplicationMessage Write(MqttMessage message, bool isMqtt5) => !isMqtt5 ? Plain(message) : new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
        Retain = message.Retain,
        ContentType = message.ContentType,
        ResponseTopic = message.ResponseTopic,
        CorrelationData = message.CorrelationData.IsEmpty ? null : message.CorrelationData.ToArray(),
        MessageExpiryInterval = message.ExpirySeconds ?? 0,
        UserProperties = [.. message.UserProperties.Select(p => new MqttUserProperty(p.Key, Encoding.UTF8.GetBytes(p.Value)))],
    };

    private static MqttApplicationMessage Plain(MqttMessage message) => new()
    {
        Topic = message.Topic,
        Payload = new ReadOnlySequence<byte>(message.Payload),
        QualityOfServiceLevel = (MqttQualityOfServiceLevel)message.Qos,
        Retain = message.Retain,
    };

    /// <summary>Returns a message that MQTTnet has received.</summary>
    public static MqttMessage Read(MqttApplicationMessage message) => new(message.Topic, message.Payload.ToArray())
    {
        Qos = (int)message.QualityOfServiceLevel,
        Retain = message.Retain,
        ContentType = NullIfEmpty(message.ContentType),
        ResponseTopic = NullIfEmpty(message.ResponseTopic),
        CorrelationData = message.CorrelationData,
        Expiry = message.MessageExpiryInterval == 0 ? null : TimeSpan.FromSeconds(message.MessageExpiryInterval),
        UserProperties = [.. (message.UserProperties ?? []).Select(p => new KeyValuePair<string, string>(p.Name, p.ReadValueAsString()))],
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
