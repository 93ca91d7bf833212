using System.Text.Json;
using MrfAd.Station.Options;

namespace MrfAd.Station.Outbox;

/// <summary>
/// The letters to the broker and the triggers that are owed a verdict, on disk, with an index in memory. What cannot be written stays in memory and
/// is written when the disk takes it again. Thread-safe; letters are added by one thread.
/// </summary>
/// <param name="makeRoom">Called when the disk is full: deletes what can be spared; false where there is nothing.</param>
public sealed partial class Journal(SegmentLog log, JournalOptions options, Func<bool> makeRoom, TimeProvider clock) : IDisposable
{
    // Taken in this order.
    private readonly Lock _disk = new();
    private readonly Lock _index = new();

    private readonly List<Letter> _letters = [];
    private readonly Dictionary<Guid, TriggerEntry> _pending = [];
    private readonly Dictionary<(string Camera, string Trigger), Letter?> _triggers = [];
    private readonly Dictionary<string, long> _seqs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly List<JournalLine> _unsaved = [];
    private readonly List<Letter> _added = [];
    private DateTimeOffset _segmentSince = clock.GetUtcNow();
    private long _triedAt;
    private int? _troubleCode;
    private long _last;
    private long _acknowledged;

    /// <summary>Why the disk cannot be written, one sentence; null when it can. Raised when that changes.</summary>
    public event Action<string?>? TroubleChanged;

    /// <summary>Letters that will not reach the broker: how many, and the reason ("bytes", "age", "disk_full", "refused").</summary>
    public event Action<long, string>? Dropped;

    /// <summary>How long a sync took.</summary>
    public event Action<TimeSpan>? Synced;

    public string What => options.What;

    public string? Trouble { get; private set; }

    /// <summary>Letters that the broker does not have yet.</summary>
    public int Waiting
    {
        get
        {
            lock (_index)
                return _letters.Count - FirstAfter(_acknowledged) + _added.Count;
        }
    }

    /// <summary>Added and not yet written.</summary>
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

    /// <summary>What <see cref="Open"/> could not read. A torn end counts: it was never synced.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>Letters that never reached the broker, since the folder was made.</summary>
    public long DroppedEver
    {
        get
        {
            lock (_index)
                return _dropped.Values.Sum();
        }
    }

    /// <returns>0 where there was none yet.</returns>
    public long LastSeq(string camera)
    {
        lock (_index)
            return _seqs.GetValueOrDefault(camera);
    }

    /// <returns>False where this camera never had a trigger of that id, or no longer remembers.</returns>
    /// <param name="verdict">Null while it is owed.</param>
    public bool Knows(string camera, string trigger, out Letter? verdict)
    {
        lock (_index)
        {
            return _triggers.TryGetValue((camera, trigger), out verdict)
                && (verdict is null || Age(verdict) < options.TriggerMemory);
        }
    }

    /// <summary>Returns when it is on disk, or cannot be.</summary>
    public void Add(TriggerEntry trigger)
    {
        var line = new JournalLine(RecordKind.Trigger, trigger.Seq, JsonSerializer.SerializeToUtf8Bytes(trigger, OutboxJson.Default.TriggerEntry), null);
        lock (_index)
        {
            Owe(trigger);
            _unsaved.Add(line);
        }

        Save(line);
    }

    /// <summary>It is written, with others that come meanwhile, by the next <see cref="Flush"/>; only then <see cref="Next"/> gives it.</summary>
    public Letter Add(Label label, ReadOnlySpan<byte> content, bool late)
    {
        lock (_index)
        {
            var letter = new Letter(++_last, label, late, clock.GetTimestamp());
            var body = OutboxMessageBody.Join(label, content);
            letter.Unsaved = OutboxMessageBody.ContentOf(body);
            _unsaved.Add(new JournalLine(RecordKind.Letter, letter.Number, body, letter));
            _added.Add(letter);
            return letter;
        }
    }

    /// <summary>The broker does not have all letters up to this number.</summary>
    public bool IsWaiting(long upTo)
    {
        lock (_index)
            return (FirstAfter(_acknowledged) is var i && i < _letters.Count && _letters[i].Number <= upTo) || _added.Exists(letter => letter.Number <= upTo);
    }

    /// <returns>The first letter after that number that the broker does not have; null where there is none.</returns>
    public Letter? Next(long after)
    {
        lock (_index)
            return FirstAfter(Math.Max(after, _acknowledged)) is var i && i < _letters.Count ? _letters[i] : null;
    }

    /// <summary>It is in the index: not dropped.</summary>
    public bool Keeps(Letter letter)
    {
        lock (_index)
            return FirstAfter(letter.Number - 1) is var i && i < _letters.Count && _letters[i] == letter;
    }

    /// <returns>The payload; null where it has been dropped meanwhile, or the disk does not give it.</returns>
    public ReadOnlyMemory<byte>? Content(Letter letter)
    {
        LogPlace? place;
        lock (_index)
        {
            if (letter.Unsaved is { } content)
                return content;
            place = letter.Place;
        }

        return place is { } at && log.Read(at) is { } body ? OutboxMessageBody.ContentOf(body) : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>The broker has all letters up to this one. Written with what follows, or by <see cref="Flush"/>: if it is lost, the letter is sent once more.</summary>
    public void Acknowledge(Letter letter)
    {
        lock (_index)
        {
            _acknowledged = letter.Number;
            if (!options.KeepsSent)
                _letters.RemoveRange(0, FirstAfter(_acknowledged));
            if (_unsaved is [.., { Kind: RecordKind.Acknowledged }])
                _unsaved.RemoveAt(_unsaved.Count - 1);
            _unsaved.Add(new JournalLine(RecordKind.Acknowledged, letter.Number, [], null));
        }
    }

    /// <summary>A letter that will never reach the broker is told of and counted, over restarts.</summary>
    public void Refused(Letter letter)
    {
        Drop(1, "refused");
        lock (_index)
        {
            var counts = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(), _dropped, []);
            _unsaved.Add(new JournalLine(RecordKind.Checkpoint, _last, JsonSerializer.SerializeToUtf8Bytes(counts, OutboxJson.Default.Checkpoint), null));
        }

        Acknowledge(letter);
    }

    /// <summary>Tries to write what is not on disk yet; deletes what is too old or too much.</summary>
    public void Flush()
    {
        lock (_disk)
        {
            TryWrite();
            Forget();
        }
    }

    /// <summary>All kept letters that are wanted, oldest first, at most so many.</summary>
    public IReadOnlyList<Letter> Find(Func<Label, bool> wanted, int most)
    {
        lock (_index)
            return [.. _letters.Where(letter => wanted(letter.Label)).Take(most)];
    }

    public void Dispose()
    {
        Flush();
        lock (_disk)
            log.Dispose();
    }

    private void Owe(TriggerEntry trigger)
    {
        _pending[trigger.Id] = trigger;
        _triggers[(trigger.Camera, trigger.Trigger)] = null;
        Reach(trigger.Camera, trigger.Seq);
    }

    private void Keep(Letter letter)
    {
        _last = Math.Max(_last, letter.Number);
        _letters.Add(letter);
        if (!options.KeepsSent)
            return;
        _pending.Remove(letter.Label.Id);
        _triggers[(letter.Label.Camera, letter.Label.Trigger)] = letter;
        Reach(letter.Label.Camera, letter.Label.Seq);
    }

    /// <summary>A clock that is set makes none older or younger that this run has known.</summary>
    private TimeSpan Age(Letter letter) => letter.IsRecovered ? (clock.GetUtcNow() - letter.Label.At).Duration() : clock.GetElapsedTime(letter.AddedAt);

    private void Reach(string camera, long seq) => _seqs[camera] = Math.Max(seq, _seqs.GetValueOrDefault(camera));

    private int FirstAfter(long number)
    {
        var (low, high) = (0, _letters.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_letters[middle].Number <= number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
