using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Triggers;

/// <summary>
/// Fires a trigger for each image that arrives as a message, for the cameras whose source is <c>mqtt:TOPIC</c>. The topic may be a shared subscription
/// (<c>$share/GROUP/TOPIC</c>): then each image goes to one of the stations of that group. A message is acknowledged when its trigger is on disk.
/// </summary>
/// <remarks>The trigger's id is the user property <c>id</c>, or else the correlation data as hexadecimal digits: an image that comes again under the same id is judged once.
/// The user properties <c>part</c>, <c>serial</c> and <c>meta</c> (a JSON object) are the data of the part. One beyond its limits is left out and logged: the part is judged all the same, as a message has no other answer. The user property <c>product</c> chooses the product of that part, <c>traceparent</c> and <c>tracestate</c> are of the sender's trace.</remarks>
public static partial class MqttFrames
{
    /// <summary>Subscribes to the topics of the cameras. To be called before the link starts.</summary>
    public static void Subscribe(IMqttLink link, IEnumerable<Camera> cameras, TriggerService triggers, MemoryBudget memory, ILogger log)
    {
        foreach (var camera in cameras)
        {
            if (SourceAddress.Parse(camera.Options.Source) is { Kind: SourceKind.Mqtt } address)
                link.Subscribe(address.Place, (_, _) => Task.CompletedTask, message => Take(camera, message, triggers, memory, log));
        }
    }

    private static bool Take(Camera camera, MqttMessage message, TriggerService triggers, MemoryBudget memory, ILogger log)
    {
        // A retained image comes at each connect, however old it is: judging it again would count a part that is not there.
        if (message.Retain)
        {
            LogRetained(log, message.Topic);
            return false;
        }

        var share = memory.TryTake(MemoryUse.Uploads, message.Payload.Length);
        var sent = share is not null
            ? new SentFrame(message.Payload, message.Topic) { Memory = share }
            : new SentFrame(default, message.Topic) { Refusal = new NoFrame(NoFrameCause.MemoryFull, memory.Describe(message.Payload.Length)) };
        if (triggers.Fire(camera, Id(message), "mqtt", sent, out _, Part(message, log), message.Property("product"), message.Sender()) is null)
            sent.Dispose();
        return false;
    }

    private static PartInfo? Part(MqttMessage message, ILogger log)
    {
        string? serial = Text("serial"), id = Text("part"), json = message.Property("meta");
        try
        {
            return PartInfo.Of(serial, json is null ? null : PartMeta.Parse(json), id);
        }
        catch (FormatException e)
        {
            LogLeftOut(log, message.Topic, "meta", e.Message);
            return PartInfo.Of(serial, null, id);
        }

        string? Text(string property)
        {
            if (message.Property(property) is not { } text || PartInfo.Fault(text) is not { } fault)
                return message.Property(property);
            LogLeftOut(log, message.Topic, property, fault);
            return null;
        }
    }

    private static string? Id(MqttMessage message)
    {
        var id = message.Property("id")
            ?? (message.CorrelationData.IsEmpty ? null : Convert.ToHexStringLower(message.CorrelationData.Span));
        return id is { Length: > 0 and <= StationTopics.MaxNameLength } && !id.Any(char.IsControl) ? id : null;
    }

    [LoggerMessage(121, LogLevel.Warning, "An image that the broker retained on {Topic} is not judged: send images without the retain flag")]
    private static partial void LogRetained(ILogger log, string topic);

    [LoggerMessage(122, LogLevel.Warning, "An image on {Topic} is judged without its user property '{Property}': {Why}")]
    private static partial void LogLeftOut(ILogger log, string topic, string property, string why);
}
