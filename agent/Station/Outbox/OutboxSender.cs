using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Sends the messages of one journal in order, several at a time. The journal counts a message as sent when it and all before it are acknowledged. When one
/// is lost, it and all behind it are sent again. A topic that the broker refuses for now waits, with those of its messages that follow, and is tried again
/// at growing intervals; other topics go on meanwhile. A message that can never be accepted is dropped.
/// </summary>
/// <param name="write">Makes the MQTT message from headers and payload; the flag is true where the message is historical.</param>
/// <param name="maySend">Returns true once all messages that must be sent before this one are acknowledged.</param>
/// <param name="window">Maximum number of messages in flight, sent and not yet acknowledged.</param>
public sealed partial class OutboxSender(
    Journal journal, Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage> write, Func<OutboxMessage, bool> maySend, int window,
    BrokerConnection broker, MrfAdMeter meter, TimeProvider clock, ILogger log)
{
    // The wait after a failure, before that for a lost connection.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // A message that is sent later is historical: a reject gate is at most some seconds down the line.
    private static readonly TimeSpan MaxLiveAge = TimeSpan.FromSeconds(1);

    // A topic that the broker refuses is tried again after the first delay, then after twice as long, up to the maximum.
    private static readonly TimeSpan FirstRefusalDelay = TimeSpan.FromSeconds(1), MaxRefusalDelay = TimeSpan.FromSeconds(30);

    // Maximum number of messages that wait to be sent once more; a replay beyond it is refused as busy.
    private const int MaxResends = 10_000;

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Queue<(OutboxMessage Message, Task Sent)> _inFlight = new();
    private readonly ConcurrentQueue<OutboxMessage> _resends = new();

    // The topics that the broker refuses for now, with the time of the next attempt.
    private readonly Dictionary<string, (Backoff Delay, long RefusedAt, TimeSpan Wait)> _refused = new(StringComparer.Ordinal);

    // Messages that are acknowledged or dropped while one before them waits; the value is true for a dropped one.
    private readonly ConcurrentDictionary<long, bool> _settled = new();
    private volatile bool _complete;

    /// <summary>Raised when the broker has acknowledged a message.</summary>
    public event Action<OutboxMessage>? Sent;

    /// <summary>Signals that there may be something to send.</summary>
    public void Signal() => _changes.Writer.TryWrite(true);

    /// <summary>Queues messages to be sent once more, as historical, when nothing else waits.</summary>
    /// <returns>False where too many wait for that already.</returns>
    public bool Resend(IReadOnlyCollection<OutboxMessage> messages)
    {
        if (_resends.Count + messages.Count > MaxResends)
            return false;
        foreach (var message in messages)
            _resends.Enqueue(message);
        Signal();
        return true;
    }

    /// <summary>Announces that no more messages will be added: <see cref="RunAsync"/> then ends when all are sent.</summary>
    public void Complete()
    {
        _complete = true;
        Signal();
    }

    /// <summary>Returns true once the broker has acknowledged the message, or it was dropped.</summary>
    public bool IsSettled(long number) => _settled.ContainsKey(number) || !journal.IsWaiting(number);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await broker.WaitAsync(cancellationToken);
            SendPending(cancellationToken);
            if (_inFlight.Count > 0)
                await SettleAsync(cancellationToken);
            else if (NextResend() is { } message)
                await ResendAsync(message, cancellationToken);
            else if (_complete && journal.Waiting == 0 && _resends.IsEmpty)
                return;
            else
                await WaitAsync(cancellationToken);
        }
    }

    private void SendPending(CancellationToken cancellationToken)
    {
        // One time for all: where a topic becomes due meanwhile, its first message would be passed by a later one.
        var (last, now) = (0L, clock.GetTimestamp());
        while (_inFlight.Count < window && journal.Next(last) is { } message)
        {
            last = message.Number;
            if (_settled.ContainsKey(last) || _inFlight.Any(f => f.Message == message) || !MayTry(message, now) || !maySend(message))
                continue;
            message.IsHistorical |= clock.GetElapsedTime(message.AddedAt) > MaxLiveAge;
            _inFlight.Enqueue((message, SendAsync(message, message.IsHistorical, cancellationToken)));
        }
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        var (message, sent) = _inFlight.Peek();
        try
        {
            await sent;
            _inFlight.Dequeue();
            _refused.Remove(message.Headers.Topic);
            Settle(message, dropped: false);
            Sent?.Invoke(message);
        }
        catch (MqttLinkException e)
        {
            ReportFailure(e);
            if (e.IsRefusal)
            {
                _inFlight.Dequeue();
                message.IsHistorical = true;
                if (e.MayPass)
                    Postpone(message.Headers.Topic);
                else
                    Settle(message, dropped: true);
                return;
            }

            foreach (var (behind, _) in _inFlight)
                behind.IsHistorical = true;
            await Task.WhenAll(_inFlight.Select(f => f.Sent)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _inFlight.Clear();
            await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    /// <summary>Notes that a message needs no further attempt, and tells the journal of all those that no earlier one waits for any more.</summary>
    private void Settle(OutboxMessage message, bool dropped)
    {
        // One that was dropped meanwhile, for want of room, is in no one's way.
        if (!journal.Contains(message))
            return;
        _settled[message.Number] = dropped;
        while (journal.Next(0) is { } first && _settled.TryRemove(first.Number, out var wasDropped))
        {
            if (wasDropped)
                journal.Refused(first);
            else
                journal.Acknowledge(first);
        }
    }

    /// <summary>Returns true where the topic is not refused, or the time of its next attempt has come; that attempt is one message alone.</summary>
    private bool MayTry(OutboxMessage message, long now) =>
        !_refused.TryGetValue(message.Headers.Topic, out var refusal)
        || (clock.GetElapsedTime(refusal.RefusedAt, now) >= refusal.Wait && !_inFlight.Any(f => f.Message.Headers.Topic == message.Headers.Topic));

    /// <summary>Sets the time of the topic's next attempt. Several messages that were refused together count as one attempt.</summary>
    private void Postpone(string topic)
    {
        if (!_refused.TryGetValue(topic, out var refusal))
            refusal = (new Backoff(FirstRefusalDelay, MaxRefusalDelay), 0, TimeSpan.Zero);
        else if (clock.GetElapsedTime(refusal.RefusedAt) < refusal.Wait)
            return;
        _refused[topic] = (refusal.Delay, clock.GetTimestamp(), refusal.Delay.Next());
    }

    /// <summary>Waits for a change, or until a refused topic is to be tried again.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_refused.Count == 0)
        {
            await _changes.Reader.ReadAsync(cancellationToken);
            return;
        }

        var due = _refused.Values.Min(r => r.Wait - clock.GetElapsedTime(r.RefusedAt));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // A topic that nothing waits for any more has no next attempt: its time has passed, and the wait is for a change or the first delay.
        var delay = Task.Delay(due > TimeSpan.Zero ? due : FirstRefusalDelay, clock, end.Token);
        await Task.WhenAny(_changes.Reader.WaitToReadAsync(end.Token).AsTask(), delay);
        await end.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        _changes.Reader.TryRead(out _);
    }

    /// <returns>The next message to be sent once more whose topic is not refused; null where there is none.</returns>
    private OutboxMessage? NextResend()
    {
        var now = clock.GetTimestamp();
        for (var i = _resends.Count; i > 0 && _resends.TryPeek(out var message); i--)
        {
            if (MayTry(message, now))
                return message;
            _resends.TryDequeue(out _);
            _resends.Enqueue(message);
        }

        return null;
    }

    private async Task ResendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(message, historical: true, cancellationToken);
            _refused.Remove(message.Headers.Topic);
            _resends.TryDequeue(out _);
        }
        catch (MqttLinkException e)
        {
            ReportFailure(e);
            if (e.MayPass)
                Postpone(message.Headers.Topic);
            else if (e.IsRefusal)
                _resends.TryDequeue(out _);
            else
                await Task.Delay(RetryDelay, clock, cancellationToken);
        }
    }

    /// <summary>Sends a message unless it was dropped meanwhile. One that the disk cannot read is treated as refused.</summary>
    private async Task SendAsync(OutboxMessage message, bool historical, CancellationToken cancellationToken)
    {
        if (journal.Content(message) is { } content)
            await broker.Link.PublishAsync(write(message.Headers, content, historical), cancellationToken);
        else if (journal.Contains(message))
            throw new MqttLinkException(MqttFailure.Refused, $"'{message.Headers.Topic}' #{message.Headers.Seq} was not published: the outbox cannot read it");
    }

    private void ReportFailure(MqttLinkException e)
    {
        meter.PublishFailed(MetricLabel.Of(e.Failure));
        LogFailed(e.Message);
    }

    [LoggerMessage(601, LogLevel.Warning, "{Why}")]
    private partial void LogFailed(string why);
}
