using System.Diagnostics;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>The span of one attempt to publish a verdict, and that of its wait before. Where nobody listens, or the part has no trace, there is none, and nothing is allocated.</summary>
internal static class PublishSpan
{
    /// <summary>Starts the span of an attempt; null where there is none.</summary>
    public static Activity? Start(MessageHeaders message)
    {
        if (Parent(message) is not { } part)
            return null;
        var span = PartTrace.Source.StartActivity(SpanNames.Publish, ActivityKind.Producer, part);
        span?.SetTag(SpanAttributes.MessagingSystem, "mqtt");
        span?.SetTag(SpanAttributes.MessagingOperationName, "publish");
        span?.SetTag(SpanAttributes.MessagingOperationType, "send");
        span?.SetTag(SpanAttributes.MessagingDestinationName, message.Topic);
        span?.SetTag(SpanAttributes.MessagingMessageId, message.Id.ToString());
        return span;
    }

    /// <summary>Adds the span of the wait that ended with an attempt: its message has been acknowledged, and waits no more.</summary>
    /// <param name="waited">The time from the making of the message, or the start of the station where it is older, until now.</param>
    public static void Acknowledged(Activity attempt, MessageHeaders message, TimeSpan waited, DateTimeOffset now)
    {
        using var span = PartTrace.Source.StartActivity(SpanNames.Outbox, ActivityKind.Internal, Parent(message) ?? default, startTime: now - waited);
        span?.SetEndTime(attempt.StartTimeUtc);
    }

    private static ActivityContext? Parent(MessageHeaders message) =>
        message.Traceparent is { } text && PartTrace.Source.HasListeners() && ActivityContext.TryParse(text, null, out var part) ? part : null;
}
