using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MrfAd.Agent.Mqtt;

/// <summary>A filter and its handler, with the messages that wait for it.</summary>
public sealed partial class Subscription(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept, ILogger logger)
{
    // 256: a burst of commands; more than that means the handler is stuck, and memory must not grow.
    private const int Waiting = 256;

    private readonly Channel<MqttMessage> _messages = Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    public string Filter { get; } = filter;

    /// <summary>Called on the network thread, before the message is acknowledged; what finds the queue full is dropped and logged.</summary>
    public void Offer(MqttMessage message)
    {
        if (accept is not null && !Accept(message))
            return;
        if (!_messages.Writer.TryWrite(message))
            MessageDropped(logger, message.Topic, Waiting);
    }

    /// <summary>Feeds the handler until cancelled.</summary>
    public async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out var message))
                await HandleAsync(message, cancellationToken);
        }
    }

    /// <summary>A message that cannot be accepted is acknowledged all the same: it would come back for ever.</summary>
    private bool Accept(MqttMessage message)
    {
        try
        {
            return accept!(message);
        }
        catch (Exception e)
        {
            HandlerFailed(logger, message.Topic, e);
            return false;
        }
    }

    private async Task HandleAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await handler(message, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            HandlerFailed(logger, message.Topic, e);
        }
    }

    [LoggerMessage(EventId = 510, Level = LogLevel.Error, Message = "the handler of {Topic} failed; the message is lost")]
    private static partial void HandlerFailed(ILogger logger, string topic, Exception exception);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "a message on {Topic} was dropped: {Waiting} wait already")]
    private static partial void MessageDropped(ILogger logger, string topic, int waiting);
}
