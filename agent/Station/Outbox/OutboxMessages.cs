using Microsoft.Data.Sqlite;
using MrfAd.Station.Options;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>
/// The messages of one kind that wait for the broker, by topic. They are in the database, the next ones also in memory, and those that the disk refuses only
/// there, until it can be written again. Thread-safe.
/// </summary>
/// <param name="what">The kind of the messages, "verdict" or "picture", as metrics and the database name it.</param>
/// <param name="maxInMemory">The maximum number of payloads in memory while the disk cannot be written; the oldest is dropped when there are more.</param>
public abstract partial class OutboxMessages(string what, int maxInMemory, OutboxOptions options, ResultsStore store, TimeProvider clock)
{
    // Rows that one statement deletes: few enough for the reserve of a full disk.
    protected const int RowsAtOnce = 50;

    // The age of a message of this run is known as exactly as that.
    private static readonly TimeSpan MarkInterval = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, TopicQueue> _topics = new(StringComparer.Ordinal);
    private readonly List<OutboxMessage> _unsaved = [];
    private readonly List<OutboxMessage> _settled = [];
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly List<(long Number, long Timestamp)> _marks = [];
    private bool _countsChanged;
    private long _first;
    private long _last;
    private long _droppedTo;
    private int _waiting;

    /// <summary>Raised when a topic gets its first message.</summary>
    public event Action<string>? TopicAdded;

    /// <summary>Raised when messages are dropped that the broker will never get, with their number and the reason ("bytes", "age", "disk_full", "refused").</summary>
    public event Action<long, string>? Dropped;

    public string What => what;

    /// <summary>One sentence that says why new messages are only in memory; null while they are on disk.</summary>
    public string? Error => FileError ?? store.Error;

    /// <summary>The size on disk in bytes.</summary>
    public abstract long Bytes { get; }

    /// <summary>The number of messages that the broker has not acknowledged yet.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>The number of messages that are not on disk yet.</summary>
    public int Unsaved
    {
        get
        {
            lock (Sync)
                return _unsaved.Count;
        }
    }

    /// <summary>The number of messages that were dropped, over all runs.</summary>
    public long TotalDropped
    {
        get
        {
            lock (Sync)
                return _dropped.Values.Sum();
        }
    }

    /// <summary>Guards the state in memory; nothing reads or writes the disk within it.</summary>
    protected Lock Sync { get; } = new();

    protected ResultsStore Store => store;

    protected TimeProvider Clock => clock;

    protected OutboxOptions Options => options;

    /// <summary>Messages that are not on disk yet, in order.</summary>
    protected IReadOnlyList<OutboxMessage> UnsavedMessages => _unsaved;

    /// <summary>One sentence that says why the files of new messages are not written; null while they are, or there are none.</summary>
    protected virtual string? FileError => null;

    /// <summary>The column that <see cref="OnDeleted"/> is given.</summary>
    protected abstract string Key { get; }

    private string Table => what + "s";

    /// <returns>The first message of the topic after that number that is on disk, or that the disk has refused; null where there is none.</returns>
    public OutboxMessage? Next(string topic, long after)
    {
        List<OutboxMessage> unsaved;
        TopicQueue? queue;
        long last, from;
        lock (Sync)
        {
            // A topic whose messages the broker has all may still have a sender, for one that is sent once more.
            if (!_topics.TryGetValue(topic, out queue))
                return null;
            if (queue.Loaded.Find(m => m.Number > after) is { } next)
                return next.IsSaved || Error is not null ? next : null;
            (last, from) = (queue.Last, queue.LoadedTo);
            unsaved = [.. _unsaved.Where(m => m.Number > from && m.Headers.Topic == topic)];
        }

        if (from >= last || !TryLoad(topic, from, out var stored))
            return null;
        // Behind the last row that was read there may be others, but not behind the last one of all.
        var upTo = stored.Count == TopicQueue.MaxLoaded ? stored[^1].Number : last;
        lock (Sync)
            queue.Add(unsaved.Where(m => m.Delivery == Delivery.Waiting && m.Number <= upTo).UnionBy(stored, m => m.Number).OrderBy(m => m.Number), upTo);
        return Next(topic, after);
    }

    /// <summary>Returns true while a message of the topic waits; where a number is given, the message with that number.</summary>
    public bool IsWaiting(string topic, long? number = null)
    {
        lock (Sync)
            return _topics.TryGetValue(topic, out var queue) && queue.Has(number);
    }

    /// <returns>The payload; null where the message has been dropped meanwhile, or the disk cannot read it.</returns>
    public abstract ReadOnlyMemory<byte>? Content(OutboxMessage message);

    /// <summary>Notes that the broker has acknowledged a message. It is written with the next rows; if a power loss takes it, the message is sent once more.</summary>
    public void Acknowledge(OutboxMessage message)
    {
        lock (Sync)
            Settle(message, Delivery.Acknowledged);
    }

    /// <summary>Notes that a message will never be accepted by the broker.</summary>
    public void Refuse(OutboxMessage message)
    {
        bool isDropped;
        lock (Sync)
            isDropped = Settle(message, Delivery.Dropped);
        Drop(isDropped ? 1 : 0, "refused");
    }

    /// <summary>Reads what an earlier run left. To be called before messages are added.</summary>
    public virtual void Open(SqliteConnection connection)
    {
        var topics = connection.Read($"SELECT topic, max(number), count(*) FROM {Table} WHERE delivery = 0 GROUP BY topic", row => (row.GetString(0), row.GetInt64(1), row.GetInt32(2)));
        var last = connection.Number($"SELECT max(number) FROM {Table}");
        var dropped = connection.Read("SELECT reason, count FROM drop_counts WHERE what = $1", row => (row.GetString(0), row.GetInt64(1)), what);
        lock (Sync)
        {
            Begin(last);
            foreach (var (reason, count) in dropped)
                _dropped[reason] = count;
        }

        foreach (var (topic, number, count) in topics)
        {
            lock (Sync)
            {
                _waiting += count;
                Queue(topic, out _).Reach(number);
            }

            TopicAdded?.Invoke(topic);
        }
    }

    /// <summary>Lets messages be added where the database could not be read at the start: behind all that may be in it.</summary>
    public void OpenWithout() => Begin(clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Drops the oldest messages where there are more in memory than may be while the disk cannot be written.</summary>
    public void LimitMemory()
    {
        var dropped = 0;
        lock (Sync)
        {
            for (var held = _unsaved.Count(m => m.Content is not null); held > maxInMemory; held--)
            {
                var oldest = _unsaved.Find(m => m.Content is not null)!;
                dropped += Settle(oldest, Delivery.Dropped) ? 1 : 0;
                _unsaved.Remove(oldest);
            }
        }

        Drop(dropped, "disk_full");
    }

    /// <summary>Counts the waiting messages anew after the database was made anew.</summary>
    public void Recount(SqliteConnection connection)
    {
        var stored = (int)connection.Number($"SELECT count(*) FROM {Table} WHERE delivery = 0");
        lock (Sync)
            _waiting = Math.Max(0, stored + _unsaved.Count(m => m.Delivery == Delivery.Waiting) - _settled.Count);
    }

    protected OutboxMessage Add(Func<long, long, OutboxMessage> make)
    {
        OutboxMessage message;
        bool isNew;
        lock (Sync)
        {
            var now = clock.GetTimestamp();
            message = make(++_last, now);
            if (_marks.Count == 0 || clock.GetElapsedTime(_marks[^1].Timestamp, now) > MarkInterval)
                _marks.Add((message.Number, now));
            // In one step: the writer finds the topic of each message that it has written.
            Queue(message.Headers.Topic, out isNew).Add(message);
            _unsaved.Add(message);
            _waiting++;
        }

        if (isNew)
            TopicAdded?.Invoke(message.Headers.Topic);
        return message;
    }

    protected abstract void Insert(SqliteConnection connection, OutboxMessage message, Delivery delivery);

    protected abstract List<OutboxMessage> Load(SqliteConnection connection, string topic, long after, int max);

    protected virtual bool CanInsert(OutboxMessage message) => true;

    /// <summary>Called for rows that were deleted, with their ids or files, before that is committed.</summary>
    protected abstract void OnDeleted(SqliteConnection connection, IEnumerable<string> rows);

    private void Begin(long last)
    {
        (_last, _first) = (last, last + 1);
        _marks.Add((_first, clock.GetTimestamp()));
    }

    /// <summary>Returns the queue of a topic, within the lock.</summary>
    private TopicQueue Queue(string topic, out bool isNew)
    {
        isNew = !_topics.TryGetValue(topic, out var queue);
        return queue ?? (_topics[topic] = new TopicQueue());
    }

    private bool Settle(OutboxMessage message, Delivery delivery)
    {
        if (message.Delivery != Delivery.Waiting)
            return false;
        message.Delivery = delivery;
        _topics[message.Headers.Topic].Loaded.Remove(message);
        _waiting--;
        if (message.IsSaved)
        {
            message.Content = null;
            _settled.Add(message);
        }

        return true;
    }

    /// <summary>Counts messages that the broker will never get.</summary>
    public void Drop(long count, string reason)
    {
        if (count == 0)
            return;
        lock (Sync)
        {
            _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
            _countsChanged = true;
        }

        Dropped?.Invoke(count, reason);
    }
}
