using System.Text.Json;
using MrfAd.Station.Options;

namespace MrfAd.Station.Outbox;

/// <summary>
/// The messages to the broker and the triggers that have no verdict yet, on disk, with an index in memory. Records that cannot be written stay in memory
/// until the disk can be written again. Thread-safe; messages are added by one thread.
/// </summary>
/// <param name="makeRoom">Called when the disk is full, to delete what can be spared; returns false where nothing was deleted.</param>
public sealed partial class Journal(SegmentLog log, JournalOptions options, Func<bool> makeRoom, TimeProvider clock) : IDisposable
{
    // Where both are taken, _disk is taken first.
    private readonly Lock _disk = new();
    private readonly Lock _index = new();

    private readonly List<OutboxMessage> _messages = [];
    private readonly Dictionary<Guid, TriggerEntry> _pending = [];
    private readonly Dictionary<(string Camera, string Trigger), OutboxMessage?> _triggers = [];
    private readonly Dictionary<string, long> _seqs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly List<JournalLine> _unsaved = [];
    private readonly List<OutboxMessage> _added = [];
    private DateTimeOffset _segmentSince = clock.GetUtcNow();
    private long _triedAt;
    private int? _errorCode;
    private long _last;
    private long _acknowledged;

    /// <summary>Raised when <see cref="Error"/> changes, with its new value.</summary>
    public event Action<string?>? ErrorChanged;

    /// <summary>Raised when messages are dropped that the broker will never get, with their number and the reason ("bytes", "age", "disk_full", "refused").</summary>
    public event Action<long, string>? Dropped;

    /// <summary>Raised after each sync with its duration.</summary>
    public event Action<TimeSpan>? Synced;

    public string What => options.What;

    /// <summary>One sentence that says why the disk cannot be written; null while it can.</summary>
    public string? Error { get; private set; }

    /// <summary>The number of messages that the broker has not acknowledged yet.</summary>
    public int Waiting
    {
        get
        {
            lock (_index)
                return _messages.Count - FirstAfter(_acknowledged) + _added.Count;
        }
    }

    /// <summary>The number of messages that were added and are not written yet.</summary>
    public int Unwritten
    {
        get
        {
            lock (_index)
                return _added.Count;
        }
    }

    public long Bytes
    {
        get
        {
            lock (_disk)
                return log.Bytes;
        }
    }

    /// <summary>The number of bytes that <see cref="Open"/> could not read, the torn end of a file included, which was never synced.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>The number of messages dropped since the folder was made, over all runs.</summary>
    public long TotalDropped
    {
        get
        {
            lock (_index)
                return _dropped.Values.Sum();
        }
    }

    /// <returns>The last sequence number of the camera; 0 where it has none yet.</returns>
    public long LastSeq(string camera)
    {
        lock (_index)
            return _seqs.GetValueOrDefault(camera);
    }

    /// <summary>Looks up a trigger by the id that its sender gave it.</summary>
    /// <param name="verdict">The verdict of the trigger; null while it is pending.</param>
    /// <returns>False where this camera had no trigger of that id, or had it too long ago.</returns>
    public bool TryGetTrigger(string camera, string trigger, out OutboxMessage? verdict)
    {
        lock (_index)
        {
            return _triggers.TryGetValue((camera, trigger), out verdict)
                && (verdict is null || Age(verdict) < options.TriggerMemory);
        }
    }

    /// <summary>Adds a pending trigger. Returns once it is on disk, or the disk has refused it.</summary>
    public void Add(TriggerEntry trigger)
    {
        var line = new JournalLine(RecordKind.Trigger, trigger.Seq, JsonSerializer.SerializeToUtf8Bytes(trigger, OutboxJson.Default.TriggerEntry), null);
        lock (_index)
        {
            AddPending(trigger);
            _unsaved.Add(line);
        }

        Save(line);
    }

    /// <summary>Adds a message. The next <see cref="Flush"/> writes it together with others; only then <see cref="Next"/> returns it.</summary>
    public OutboxMessage Add(MessageHeaders headers, ReadOnlySpan<byte> content, bool historical)
    {
        lock (_index)
        {
            var message = new OutboxMessage(++_last, headers, historical, clock.GetTimestamp());
            var body = OutboxMessageBody.Join(headers, content);
            message.Unsaved = OutboxMessageBody.ContentOf(body);
            _unsaved.Add(new JournalLine(RecordKind.Message, message.Number, body, message));
            _added.Add(message);
            return message;
        }
    }

    /// <summary>Returns true while the broker has not acknowledged all messages up to this number.</summary>
    public bool IsWaiting(long upTo)
    {
        lock (_index)
            return (FirstAfter(_acknowledged) is var i && i < _messages.Count && _messages[i].Number <= upTo) || _added.Exists(message => message.Number <= upTo);
    }

    /// <returns>The first message after that number that the broker has not acknowledged; null where there is none.</returns>
    public OutboxMessage? Next(long after)
    {
        lock (_index)
            return FirstAfter(Math.Max(after, _acknowledged)) is var i && i < _messages.Count ? _messages[i] : null;
    }

    /// <summary>Returns true while the message has not been dropped.</summary>
    public bool Contains(OutboxMessage message)
    {
        lock (_index)
            return FirstAfter(message.Number - 1) is var i && i < _messages.Count && _messages[i] == message;
    }

    /// <returns>The payload; null where the message has been dropped meanwhile, or the disk cannot read it.</returns>
    public ReadOnlyMemory<byte>? Content(OutboxMessage message)
    {
        LogPlace? place;
        lock (_index)
        {
            if (message.Unsaved is { } content)
                return content;
            place = message.Place;
        }

        return place is { } at && log.Read(at) is { } body ? OutboxMessageBody.ContentOf(body) : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Notes that the broker has acknowledged all messages up to this one. It is written with the next records; if a power loss takes it, the message is sent once more.</summary>
    public void Acknowledge(OutboxMessage message)
    {
        lock (_index)
        {
            _acknowledged = message.Number;
            if (!options.KeepsSent)
                _messages.RemoveRange(0, FirstAfter(_acknowledged));
            if (_unsaved is [.., { Kind: RecordKind.Acknowledged }])
                _unsaved.RemoveAt(_unsaved.Count - 1);
            _unsaved.Add(new JournalLine(RecordKind.Acknowledged, message.Number, [], null));
        }
    }

    /// <summary>Notes that the broker refused a message for good: it is counted as dropped, over restarts.</summary>
    public void Refused(OutboxMessage message)
    {
        Drop(1, "refused");
        lock (_index)
        {
            var counts = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(), _dropped, []);
            _unsaved.Add(new JournalLine(RecordKind.Checkpoint, _last, JsonSerializer.SerializeToUtf8Bytes(counts, OutboxJson.Default.Checkpoint), null));
        }

        Acknowledge(message);
    }

    /// <summary>Tries to write the records that are not on disk yet, and deletes segments that are too old or beyond the budget.</summary>
    public void Flush()
    {
        lock (_disk)
        {
            TryWrite();
            Expire();
        }
    }

    /// <summary>Returns the stored messages that fulfil the condition, oldest first, at most <paramref name="max"/>.</summary>
    public IReadOnlyList<OutboxMessage> Find(Func<MessageHeaders, bool> condition, int max)
    {
        lock (_index)
            return [.. _messages.Where(message => condition(message.Headers)).Take(max)];
    }

    public void Dispose()
    {
        Flush();
        lock (_disk)
            log.Dispose();
    }

    private void AddPending(TriggerEntry trigger)
    {
        _pending[trigger.Id] = trigger;
        _triggers[(trigger.Camera, trigger.Trigger)] = null;
        Reach(trigger.Camera, trigger.Seq);
    }

    private void Index(OutboxMessage message)
    {
        _last = Math.Max(_last, message.Number);
        _messages.Add(message);
        if (!options.KeepsSent)
            return;
        _pending.Remove(message.Headers.Id);
        _triggers[(message.Headers.Camera, message.Headers.Trigger)] = message;
        Reach(message.Headers.Camera, message.Headers.Seq);
    }

    /// <summary>Returns the age of a message, which does not change when the clock is set during this run.</summary>
    private TimeSpan Age(OutboxMessage message) => message.IsRecovered ? (clock.GetUtcNow() - message.Headers.At).Duration() : clock.GetElapsedTime(message.AddedAt);

    private void Reach(string camera, long seq) => _seqs[camera] = Math.Max(seq, _seqs.GetValueOrDefault(camera));

    private int FirstAfter(long number)
    {
        var (low, high) = (0, _messages.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_messages[middle].Number <= number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
