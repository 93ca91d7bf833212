using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MrfAd.Station.Mqtt;

/// <summary>A topic filter and its handler, with the queue of messages that wait for the handler.</summary>
/// <param name="isOptional">True where it is no problem if the broker refuses it.</param>
public sealed partial class Subscription(string filter, Func<MqttMessage, CancellationToken, Task> handler, Func<MqttMessage, bool>? accept, bool isOptional, ILogger logger)
{
    // A burst of commands; more waiting messages mean that the handler is stuck, and memory must not grow.
    private const int MaxWaiting = 256;

    private readonly Channel<MqttMessage> _messages = Channel.CreateBounded<MqttMessage>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

    public string Filter { get; } = filter;

    public bool IsOptional { get; } = isOptional;

    /// <summary>Adds a message to the queue. Called on the network thread, before the message is acknowledged; where the queue is full, the message is dropped and logged.</summary>
    /// <returns>False where accepting it failed, so that it must not be acknowledged.</returns>
    public bool Offer(MqttMessage message)
    {
        try
        {
            if (accept?.Invoke(message) == false)
                return true;
        }
        catch (Exception e)
        {
            NotAccepted(logger, message.Topic, e);
            return false;
        }

        if (!_messages.Writer.TryWrite(message))
            MessageDropped(logger, message.Topic, MaxWaiting);
        return true;
    }

    /// <summary>Calls the handler for each message until cancelled.</summary>
    public async Task PumpAsync(CancellationToken cancellationToken)
    {
        while (await _messages.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_messages.Reader.TryRead(out var message))
                await HandleAsync(message, cancellationToken);
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

    [LoggerMessage(EventId = 512, Level = LogLevel.Error, Message = "a message on {Topic} could not be accepted and is not acknowledged: where the broker keeps a session, it sends it again after the next connect")]
    private static partial void NotAccepted(ILogger logger, string topic, Exception exception);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "a message on {Topic} was dropped: {Waiting} wait already")]
    private static partial void MessageDropped(ILogger logger, string topic, int waiting);
}
