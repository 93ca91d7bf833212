using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Stores verdicts and pictures in the results database until the broker has acknowledged them, and sends them: a sender for each topic. Messages that are not
/// acknowledged when the process ends are sent in the next run, with the same ids.
/// </summary>
public sealed partial class StationOutbox : IDisposable
{
    // An acknowledgement takes a round trip of the network: 16 in flight are 2,000 verdicts a second at 8 ms.
    private const int VerdictsInFlight = 16;

    // Messages that were added and are not on disk yet; whoever adds more waits for the slow disk.
    private const int MaxVerdictsUnwritten = 1000;

    // Maximum number of messages that wait to be sent once more; a replay beyond it is refused as busy.
    private const int MaxResends = 10_000;

    // A full disk is tried again at this interval, and acknowledgements are written at it.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ResultsStore _store;
    private readonly TimeProvider _clock;
    private readonly BrokerConnection _broker;
    private readonly MrfAdMeter _meter;
    private readonly ILogger<StationOutbox> _log;
    private readonly Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage> _write;
    private readonly ConcurrentDictionary<string, OutboxSender> _senders = new(StringComparer.Ordinal);
    private readonly Channel<OutboxSender> _starting = Channel.CreateUnbounded<OutboxSender>();
    private readonly PictureFiles _files;
    private readonly TaskCompletionSource _fault = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action? _written;
    private int _saving;
    private bool _isDue;

    /// <param name="store">The results database, which this station alone uses.</param>
    /// <param name="write">Makes the MQTT message from headers and payload; the flag is true where the message is historical.</param>
    public StationOutbox(
        ResultsStore store, OutboxOptions options, Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage> write, BrokerConnection broker,
        StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<StationOutbox> log)
    {
        (_store, _write, _broker, _meter, _clock, _log) = (store, write, broker, meter, clock, log);
        _files = new PictureFiles(store.Folder, options.PicturesMb * 1_000_000L);
        Verdicts = new OutboxVerdicts(options, store, clock);
        Parts = new OutboxParts(options, store, clock);
        Pictures = new OutboxPictures(_files, options, store, clock);
        foreach (var queue in Kinds)
        {
            queue.TopicAdded += topic => AddSender(queue, topic);
            queue.Dropped += (count, reason) =>
            {
                meter.OutboxDropped(queue.What, reason, count);
                LogDropped(log, count, queue.What, reason);
            };
            meter.WatchOutbox(queue.What, () => queue.Waiting, () => queue.Bytes);
        }

        store.MakeRoom = MakeRoom;
        store.Committed += meter.OutboxSynced;
        Watch(health);
        TakeOver(Path.Combine(store.Folder, "outbox"));
        Open();
        Interrupted = Verdicts.Pending;
        if (Verdicts.Waiting + Parts.Waiting + Pictures.Waiting + Interrupted.Count > 0)
            LogFound(log, Verdicts.Waiting, Parts.Waiting, Pictures.Waiting, Interrupted.Count);
    }

    /// <summary>Raised when the broker has acknowledged a verdict.</summary>
    public event Action<OutboxMessage>? VerdictSent;

    public OutboxVerdicts Verdicts { get; }

    public OutboxParts Parts { get; }

    public OutboxPictures Pictures { get; }

    /// <summary>The triggers of an earlier run that ended before they had a verdict; each still needs one.</summary>
    public IReadOnlyList<TriggerEntry> Interrupted { get; }

    /// <summary>Queues stored verdicts to be sent once more, as historical, when nothing else waits.</summary>
    /// <returns>False where too many wait for that already.</returns>
    public bool Resend(IReadOnlyCollection<OutboxMessage> verdicts)
    {
        if (_senders.Values.Sum(s => s.Resends) + verdicts.Count > MaxResends)
            return false;
        foreach (var verdict in verdicts)
            AddSender(Verdicts, verdict.Headers.Topic).Resend(verdict);
        return true;
    }

    /// <summary>Announces that no more messages will be added: <see cref="RunAsync"/> then ends when all are sent.</summary>
    public void Complete()
    {
        _starting.Writer.TryComplete();
        foreach (var sender in _senders.Values)
            sender.Complete();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var all = new ParallelOptions { MaxDegreeOfParallelism = int.MaxValue, CancellationToken = end.Token };
        var sending = Parallel.ForEachAsync(_starting.Reader.ReadAllAsync(end.Token), all, async (sender, stop) => await sender.RunAsync(_broker.WaitAsync, stop));
        try
        {
            await await Task.WhenAny(sending, SaveAtIntervalAsync(end.Token), _fault.Task);
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    /// <summary>Writes what is only in memory, so far as the disk takes it.</summary>
    public void Dispose()
    {
        _isDue = true;
        Save(isDue: true);
        Await(Task.WhenAny(_store.WriteAsync(_ => { })));
    }

    /// <summary>Writes what is only in memory; one commit serves all who add something meanwhile.</summary>
    /// <param name="isDue">True where a disk that could not be written is to be tried again.</param>
    private void Save(bool isDue = false)
    {
        if (_store.Error is not null && !isDue)
            SignalAll();
        else if (Interlocked.Exchange(ref _saving, 1) == 0)
            Queue();
    }

    /// <summary>Queues a write of all that is unsaved when it begins; from then on the next one may be queued.</summary>
    private void Queue()
    {
        // Once: a write that is tried again, or fails, has let the next one in already. Two of them in one batch would both settle what both have written.
        var isQueued = true;
        _store.Write(
            connection =>
            {
                Begin();
                Write(connection);
            },
            error =>
            {
                Begin();
                OnWritten(error);
            });

        void Begin()
        {
            if (isQueued)
                Volatile.Write(ref _saving, 0);
            isQueued = false;
        }
    }

    private void Write(SqliteConnection connection)
    {
        // The parts are chosen before the verdicts, so that none is committed without all of its views.
        Parts.Choose();
        _written = Verdicts.Write(connection, _isDue) + Parts.Write(connection, _isDue) + Pictures.Write(connection, _isDue);
        if (!_isDue)
            return;
        foreach (var queue in Kinds)
            _written += queue.Expire(connection);
    }

    private void OnWritten(Exception? error)
    {
        if (error is null)
        {
            _isDue = false;
            _written?.Invoke();
        }
        else
        {
            // An error that is not of the disk is a bug, which ends the station.
            if (_store.Error is null)
                _fault.TrySetException(error);
        }

        Verdicts.EndWrite();
        SignalAll();
    }

    private void SignalAll()
    {
        if (_store.Error is not null)
        {
            foreach (var queue in Kinds)
                queue.LimitMemory();
        }

        foreach (var sender in _senders.Values)
            sender.Signal();
    }

    private void Await(Task written)
    {
        if (_store.Error is not null)
            return;
        // Then the disk counts as one that does not answer, and holds up no trigger.
        if (!written.Wait(ResultsStore.StallLimit))
            _store.CheckStall();
    }

    /// <summary>Saves at an interval, because a disk that was full may have room again, and messages grow old.</summary>
    private async Task SaveAtIntervalAsync(CancellationToken cancellationToken)
    {
        _ = _store.CheckAsync();
        using var timer = new PeriodicTimer(Interval, _clock);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            _store.CheckStall();
            _isDue = true;
            Save(isDue: true);
        }
    }

    private OutboxSender AddSender(OutboxMessages queue, string topic) => _senders.GetOrAdd(topic, _ =>
    {
        var isVerdict = queue == Verdicts;
        var sender = new OutboxSender(queue, topic, PublishAsync, IsVerdictSent, queue == Pictures ? 1 : VerdictsInFlight, _meter, _clock, _log);
        if (isVerdict)
            sender.Sent += OnVerdictSent;
        if (!_starting.Writer.TryWrite(sender))
            sender.Complete();
        return sender;
    });

    private void OnVerdictSent(OutboxMessage message)
    {
        foreach (var sender in _senders.Values.Where(s => s.Topic != message.Headers.Topic))
            sender.Signal();
        VerdictSent?.Invoke(message);
    }

    private Task PublishAsync(OutboxMessage message, ReadOnlyMemory<byte> content, bool historical, long connection, CancellationToken cancellationToken)
    {
        var written = _write(message.Headers, content, historical) with { ConnectionNumber = connection };
        // Consumers join the trace of the part by the span of this attempt.
        return _broker.Link.PublishAsync(
            message.Headers.Traceparent is null || Activity.Current?.Source != PartTrace.Source ? written : written with { UserProperties = [.. written.UserProperties, new("traceparent", Activity.Current.Id!)] },
            cancellationToken);
    }

    private OutboxMessages[] Kinds => [Verdicts, Parts, Pictures];

    /// <summary>Deletes the oldest pictures first, then verdicts that the broker has. Verdicts that it does not have stay.</summary>
    private bool MakeRoom(SqliteConnection? connection) =>
        _files.DeleteOldest("disk_full") || (_store.ReleaseReserve() | (connection is not null && Verdicts.DropAcknowledged(connection)));

    private bool IsVerdictSent(OutboxMessage message) => message.Follows is not { } verdict || !Verdicts.IsWaiting(verdict.Topic, verdict.Number);
}
