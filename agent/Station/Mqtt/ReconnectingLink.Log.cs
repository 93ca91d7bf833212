using Microsoft.Extensions.Logging;

namespace MrfAd.Station.Mqtt;

/// <content>Writes the log.</content>
public abstract partial class ReconnectingLink
{
    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "connected to the broker {Broker}")]
    private static partial void Connected(ILogger logger, string broker);

    [LoggerMessage(EventId = 501, Level = LogLevel.Warning, Message = "no connection to the broker {Broker}: {Reason}; trying on")]
    private static partial void NotConnected(ILogger logger, string broker, string reason);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "the subscription to {Filter} was refused by the broker {Broker}: {Reason}; it is tried again")]
    private static partial void SubscriptionRefused(ILogger logger, string filter, string broker, string reason);

    [LoggerMessage(EventId = 506, Level = LogLevel.Information, Message = "the subscription to {Filter} is granted by the broker {Broker} again")]
    private static partial void SubscriptionGranted(ILogger logger, string filter, string broker);

    [LoggerMessage(EventId = 507, Level = LogLevel.Information, Message = "messages on {Topic} are accepted by the broker {Broker} again")]
    private static partial void TopicAccepted(ILogger logger, string topic, string broker);

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "disconnected without a last message, the broker publishes the will: {Reason}")]
    private static partial void LastMessageFailed(ILogger logger, string reason);

    [LoggerMessage(EventId = 505, Level = LogLevel.Error, Message = "the connection to the broker failed in an unforeseen way")]
    private static partial void AttemptFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 504, Level = LogLevel.Error, Message = "a listener to connection changes failed")]
    private static partial void ListenerFailed(ILogger logger, Exception exception);
}
