using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Station.Triggers;

/// <summary>
/// Fires a trigger for each image that arrives as a message, for the cameras whose source is <c>mqtt:TOPIC</c>. The topic may be a shared subscription
/// (<c>$share/GROUP/TOPIC</c>): then each image goes to one of the stations of that group. A message is acknowledged when its trigger is on disk.
/// </summary>
/// <remarks>The trigger's id is the user property <c>id</c>, or else the correlation data as hexadecimal digits: an image that comes again under the same id is judged once. The user property <c>product</c> chooses the product of the part.</remarks>
public static partial class MqttFrames
{
    /// <summary>Subscribes to the topics of the cameras. To be called before the link starts.</summary>
    public static void Subscribe(IMqttLink link, IEnumerable<Camera> cameras, TriggerService triggers, ILogger log)
    {
        foreach (var camera in cameras)
        {
            if (SourceAddress.Parse(camera.Options.Source) is { Kind: SourceKind.Mqtt } address)
                link.Subscribe(address.Place, (_, _) => Task.CompletedTask, message => Take(camera, message, triggers, log));
        }
    }

    private static bool Take(Camera camera, MqttMessage message, TriggerService triggers, ILogger log)
    {
        // A retained image comes at each connect, however old it is: judging it again would count a part that is not there.
        if (message.Retain)
        {
            LogRetained(log, message.Topic);
            return false;
        }

        triggers.Fire(camera, Id(message), "mqtt", new SentFrame(message.Payload, message.Topic), out _, message.UserProperties.FirstOrDefault(p => p.Key == "product").Value);
        return false;
    }

    private static string? Id(MqttMessage message)
    {
        var id = message.UserProperties.FirstOrDefault(p => p.Key == "id").Value
            ?? (message.CorrelationData.IsEmpty ? null : Convert.ToHexStringLower(message.CorrelationData.Span));
        return id is { Length: > 0 and <= StationTopics.MaxNameLength } && !id.Any(char.IsControl) ? id : null;
    }

    [LoggerMessage(121, LogLevel.Warning, "An image that the broker retained on {Topic} is not judged: send images without the retain flag")]
    private static partial void LogRetained(ILogger log, string topic);
}
