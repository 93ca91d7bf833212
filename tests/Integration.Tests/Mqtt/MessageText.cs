using System.Text;
using MrfAd.Station.Mqtt;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>Messages with text as their payload.</summary>
internal static class MessageText
{
    public static MqttMessage Text(string topic, string text) => new(topic, Encoding.UTF8.GetBytes(text));

    public static string AsText(MqttMessage message) => Encoding.UTF8.GetString(message.Payload.Span);
}
