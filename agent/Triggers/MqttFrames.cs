using MrfAd.Agent.Capture;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Triggers;

/// <summary>
/// Images that arrive as messages are triggers of the cameras whose source is <c>mqtt:TOPIC</c>. The topic may be a shared subscription
/// (<c>$share/GROUP/TOPIC</c>): then each image goes to one of the stations of that group. An image is acknowledged when its trigger is on disk.
/// </summary>
/// <remarks>The user property <c>id</c>, else the correlation data as hex, is the trigger's id: an image that comes again under it is judged once.</remarks>
public static class MqttFrames
{
    /// <summary>Before the link starts.</summary>
    public static void Subscribe(IMqttLink link, IEnumerable<Camera> cameras, TriggerDesk desk)
    {
        foreach (var camera in cameras)
        {
            if (SourceAddress.Parse(camera.Options.Source) is { Kind: SourceKind.Mqtt } address)
                link.Subscribe(address.Place, (_, _) => Task.CompletedTask, message => Take(camera, message, desk));
        }
    }

    private static bool Take(Camera camera, MqttMessage message, TriggerDesk desk)
    {
        desk.Fire(camera, Id(message), "mqtt", new SentFrame(message.Payload, message.Topic), out _);
        return false;
    }

    private static string? Id(MqttMessage message)
    {
        var id = message.UserProperties.FirstOrDefault(p => p.Key == "id").Value
            ?? (message.CorrelationData.IsEmpty ? null : Convert.ToHexStringLower(message.CorrelationData.Span));
        return id is { Length: > 0 and <= StationTopics.LongestName } && !id.Any(char.IsControl) ? id : null;
    }
}
