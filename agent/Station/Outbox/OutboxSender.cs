using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Sends the messages of one topic in order, several at a time, and settles each when its acknowledgement comes: one that is lost holds up no other. When one
/// fails, all that have no acknowledgement are sent again. A topic that the broker refuses for now waits and is tried again with one message at growing
/// intervals; a message that can never be accepted is dropped.
/// </summary>
/// <param name="publish">Publishes a message with its payload on the connection of that number, as historical where the flag is true; completes when the broker has acknowledged it.</param>
/// <param name="maySend">Returns true once all messages that must be sent before this one are acknowledged.</param>
/// <param name="window">Maximum number of messages in flight, sent and not yet acknowledged.</param>
public sealed partial class OutboxSender(
    OutboxMessages queue, string topic, Func<OutboxMessage, ReadOnlyMemory<byte>, bool, long, CancellationToken, Task> publish, Func<OutboxMessage, bool> maySend, int window,
    MrfAdMeter meter, TimeProvider clock, ILogger log)
{
    // The wait after a failure, before that for a lost connection.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // A message that is sent later is historical: a reject gate is at most some seconds down the line.
    private static readonly TimeSpan MaxLiveAge = TimeSpan.FromSeconds(1);

    private readonly Backoff _refusal = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly List<(OutboxMessage Message, Task Sent)> _inFlight = [];
    private readonly ConcurrentQueue<OutboxMessage> _resends = new();
    private Task? _change;
    private long _position;
    private long _sentTo;
    private long _connection;
    private bool _isRefused;
    private volatile bool _complete;

    /// <summary>Raised when the broker has acknowledged a message.</summary>
    public event Action<OutboxMessage>? Sent;

    public string Topic => topic;

    /// <summary>The number of messages that wait to be sent once more.</summary>
    public int Resends => _resends.Count;

    /// <summary>Signals that there may be something to send.</summary>
    public void Signal() => _changes.Writer.TryWrite(true);

    /// <summary>Queues a message to be sent once more, as historical, when nothing else waits. One that was not sent yet is sent in its turn; earlier it would overtake those before it.</summary>
    public void Resend(OutboxMessage message)
    {
        if (message.Number > Volatile.Read(ref _sentTo) && queue.IsWaiting(topic, message.Number))
            return;
        _resends.Enqueue(message);
        Signal();
    }

    /// <summary>Announces that no more messages will be added: <see cref="RunAsync"/> then ends when all are sent.</summary>
    public void Complete()
    {
        _complete = true;
        Signal();
    }

    /// <param name="connected">Completes when the broker is connected, with the number of the connection.</param>
    public async Task RunAsync(Func<CancellationToken, Task<long>> connected, CancellationToken cancellationToken)
    {
        while (true)
        {
            var connection = await connected(cancellationToken);
            // What was lost with an earlier connection is sent again before anything that follows it.
            if (_inFlight.Count == 0 || connection == _connection)
                SendPending(connection, cancellationToken);
            if (_inFlight.Count > 0)
                await SettleAsync(cancellationToken);
            else if (_resends.TryPeek(out var message))
                await ResendAsync(message, cancellationToken);
            else if (_complete && !queue.IsWaiting(topic))
                return;
            else
                await ChangeAsync(cancellationToken);
        }
    }

    private void SendPending(long connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        while (_inFlight.Count < (_isRefused ? 1 : window) && queue.Next(topic, _position) is { } message && maySend(message))
        {
            message.IsHistorical |= clock.GetElapsedTime(message.AddedAt) > MaxLiveAge;
            _position = message.Number;
            Volatile.Write(ref _sentTo, Math.Max(_sentTo, _position));
            _inFlight.Add((message, SendAsync(message, message.IsHistorical, cancellationToken)));
        }
    }

    /// <summary>Completes when there may be something to send.</summary>
    private async Task ChangeAsync(CancellationToken cancellationToken)
    {
        await (_change ??= _changes.Reader.ReadAsync(cancellationToken).AsTask());
        _change = null;
    }

    /// <summary>Waits until a message in flight is answered, or there may be another to send, and settles those that are answered.</summary>
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        _change ??= _changes.Reader.ReadAsync(cancellationToken).AsTask();
        await Task.WhenAny([_change, .. _inFlight.Select(f => f.Sent)]);
        cancellationToken.ThrowIfCancellationRequested();
        if (_change.IsCompleted)
            _change = null;
        if (await SettleAnsweredAsync() is not { } failure)
            return;
        // The broker may have had those without an answer: they are sent again, and another time than the one at which they were made.
        foreach (var (message, _) in _inFlight)
            message.IsHistorical = true;
        await Task.WhenAll(_inFlight.Select(f => f.Sent)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await SettleAnsweredAsync();
        _inFlight.Clear();
        _position = 0;
        await WaitAsync(failure, cancellationToken);
    }

    /// <summary>Settles the messages in flight that the broker has acknowledged, or refused for good.</summary>
    /// <returns>The first failure after which a message is to be sent again, which stays in flight as the others without an acknowledgement do; null where there is none.</returns>
    private async Task<MqttLinkException?> SettleAnsweredAsync()
    {
        MqttLinkException? failure = null;
        foreach (var answered in _inFlight.Where(f => f.Sent.IsCompleted).ToArray())
        {
            try
            {
                await answered.Sent;
                _inFlight.Remove(answered);
                Acknowledge(answered.Message);
            }
            catch (MqttLinkException e) when (e.Failure == MqttFailure.Refused)
            {
                ReportFailure(e);
                _inFlight.Remove(answered);
                queue.Refuse(answered.Message);
            }
            catch (MqttLinkException e)
            {
                if (failure is null)
                    ReportFailure(e);
                failure ??= e;
            }
        }

        return failure;
    }

    private void Acknowledge(OutboxMessage message)
    {
        _isRefused = false;
        _refusal.Reset();
        queue.Acknowledge(message);
        Sent?.Invoke(message);
    }

    private Task WaitAsync(MqttLinkException e, CancellationToken cancellationToken)
    {
        _isRefused = e.MayPass;
        return Task.Delay(e.MayPass ? _refusal.Next() : RetryDelay, clock, cancellationToken);
    }

    private async Task ResendAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(message, historical: true, cancellationToken);
            _resends.TryDequeue(out _);
        }
        catch (MqttLinkException e)
        {
            ReportFailure(e);
            if (e.Failure == MqttFailure.Refused)
                _resends.TryDequeue(out _);
            else
                await WaitAsync(e, cancellationToken);
        }
    }

    /// <summary>Sends a message unless it was dropped meanwhile. One that waits and that the disk cannot read is treated as refused.</summary>
    private async Task SendAsync(OutboxMessage message, bool historical, CancellationToken cancellationToken)
    {
        if (queue.Content(message) is not { } content)
        {
            if (message.Delivery == Delivery.Waiting)
                throw new MqttLinkException(MqttFailure.Refused, $"'{topic}' #{message.Headers.Seq} was not published: the outbox cannot read it");
            return;
        }

        using var span = PublishSpan.Start(message.Headers);
        try
        {
            await publish(message, content, historical, _connection, cancellationToken);
            if (span is not null)
                PublishSpan.Acknowledged(span, message.Headers, clock.GetElapsedTime(message.AddedAt), clock.GetUtcNow());
        }
        catch (MqttLinkException e)
        {
            span?.SetTag(SpanAttributes.ErrorType, MetricLabel.Of(e.Failure));
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private void ReportFailure(MqttLinkException e)
    {
        meter.PublishFailed(MetricLabel.Of(e.Failure));
        LogFailed(e.Message);
    }

    [LoggerMessage(601, LogLevel.Warning, "{Why}")]
    private partial void LogFailed(string why);
}
