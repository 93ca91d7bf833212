using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
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
        Pictures = new OutboxPictures(_files, options, store, clock);
        foreach (var queue in (OutboxMessages[])[Verdicts, Pictures])
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
        if (Verdicts.Waiting + Pictures.Waiting + Interrupted.Count > 0)
            LogFound(log, Verdicts.Waiting, Pictures.Waiting, Interrupted.Count);
    }

    /// <summary>Raised when the broker has acknowledged a verdict.</summary>
    public event Action<OutboxMessage>? VerdictSent;

    public OutboxVerdicts Verdicts { get; }

    public OutboxPictures Pictures { get; }

    /// <summary>The triggers of an earlier run that ended before they had a verdict; each still needs one.</summary>
    public IReadOnlyList<TriggerEntry> Interrupted { get; }

    /// <summary>Adds a pending trigger. Returns once it is on disk, or the disk has refused it or does not answer.</summary>
    public void Add(TriggerEntry trigger)
    {
        var written = Verdicts.Add(trigger);
        Save();
        Await(written);
    }

    /// <summary>Adds a verdict, to be written at once and sent once it is on disk, or the disk has refused it.</summary>
    /// <param name="content">The payload as it is published.</param>
    /// <param name="spots">The hottest spots of an NG part as JSON; null for other parts.</param>
    public OutboxMessage AddVerdict(MessageHeaders headers, VerdictMessage verdict, ReadOnlyMemory<byte> content, string? spots = null)
    {
        var message = Verdicts.Add(headers, verdict, content, spots, historical: !_broker.IsConnected);
        Save();
        if (Verdicts.Unsaved > MaxVerdictsUnwritten)
            Await(Verdicts.Written);
        return message;
    }

    /// <summary>Adds a picture and writes its file, which may take long on a slow disk; it is sent after its verdict.</summary>
    /// <param name="kind">The kind of the picture, "frame" or "heatmap".</param>
    public void AddPicture(MessageHeaders headers, OutboxMessage verdict, string kind, ReadOnlyMemory<byte> content)
    {
        Pictures.Add(headers, verdict, kind, content, historical: !_broker.IsConnected);
        Save();
    }

    /// <summary>Writes the files of pictures that the disk has refused; to be called at times by the thread that adds pictures.</summary>
    public void RetryPictures()
    {
        if (Pictures.Error is null)
            return;
        Pictures.WriteFiles();
        Save();
    }

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
        _written = Verdicts.Write(connection, _isDue) + Pictures.Write(connection, _isDue);
        if (!_isDue)
            return;
        _written += Verdicts.Expire(connection);
        _written += Pictures.Expire(connection);
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
            Verdicts.LimitMemory();
            Pictures.LimitMemory();
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
        var sender = new OutboxSender(queue, topic, PublishAsync, IsVerdictSent, isVerdict ? VerdictsInFlight : 1, _meter, _clock, _log);
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

    /// <summary>Deletes the oldest pictures first, then verdicts that the broker has. Verdicts that it does not have stay.</summary>
    private bool MakeRoom(SqliteConnection? connection) =>
        _files.DeleteOldest("disk_full") || (_store.ReleaseReserve() | (connection is not null && Verdicts.DropAcknowledged(connection)));

    private bool IsVerdictSent(OutboxMessage message) => message.Follows is not { } verdict || !Verdicts.IsWaiting(verdict.Topic, verdict.Number);
}
