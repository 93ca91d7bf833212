using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MrfAd.Agent.Outbox;

/// <summary>
/// The letters to the broker and the triggers that are owed a verdict, on disk, with an index in memory. What cannot be written stays in memory and
/// is written when the disk takes it again. Thread-safe; letters are added by one thread.
/// </summary>
/// <param name="makeRoom">Called when the disk is full: deletes what can be spared; false where there is nothing.</param>
public sealed class Journal(SegmentLog log, JournalOptions options, Func<bool> makeRoom, TimeProvider clock) : IDisposable
{
    // errno: no space left on device, disk quota exceeded.
    private const int NoSpace = 28, QuotaExceeded = 122;

    // A disk that is full is tried again this often, not at each verdict.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // Taken in this order.
    private readonly Lock _disk = new();
    private readonly Lock _index = new();

    private readonly List<Letter> _letters = [];
    private readonly Dictionary<Guid, TriggerEntry> _owed = [];
    private readonly Dictionary<(string Camera, string Trigger), Letter?> _triggers = [];
    private readonly Dictionary<string, long> _seqs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _dropped = new(StringComparer.Ordinal);
    private readonly List<Line> _unsaved = [];
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

    /// <summary>Reads what an earlier run left. Once, before all else.</summary>
    /// <returns>The triggers that are owed a verdict, in the order they came.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IReadOnlyList<TriggerEntry> Open()
    {
        foreach (var (segment, record) in log.ReadAll((_, bytes) => DamagedBytes += bytes))
        {
            try
            {
                Recover(segment, record);
            }
            catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException)
            {
                // Whole, and yet not ours: another version wrote it.
                DamagedBytes += LogRecord.Size(record.Body.Length);
            }
        }

        _letters.RemoveAll(letter => !options.KeepsSent && letter.Number <= _acknowledged);
        lock (_disk)
            Forget();
        return [.. _owed.Values.OrderBy(t => t.Seq)];
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
        var line = new Line(RecordKind.Trigger, trigger.Seq, JsonSerializer.SerializeToUtf8Bytes(trigger, OutboxJson.Default.TriggerEntry), null);
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
            var body = Envelope(label, content);
            letter.Unsaved = ContentOf(body);
            _unsaved.Add(new Line(RecordKind.Letter, letter.Number, body, letter));
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

        return place is { } at && log.Read(at) is { } body ? ContentOf(body) : default(ReadOnlyMemory<byte>?);
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
            _unsaved.Add(new Line(RecordKind.Acknowledged, letter.Number, [], null));
        }
    }

    /// <summary>A letter that will never reach the broker is told of and counted, over restarts.</summary>
    public void Refused(Letter letter)
    {
        Drop(1, "refused");
        lock (_index)
        {
            var counts = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(), _dropped, []);
            _unsaved.Add(new Line(RecordKind.Checkpoint, _last, JsonSerializer.SerializeToUtf8Bytes(counts, OutboxJson.Default.Checkpoint), null));
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

    /// <summary>Deletes the oldest segment, whatever is in it.</summary>
    /// <returns>False where there is none, or it cannot be deleted.</returns>
    public bool DropOldest(string reason)
    {
        lock (_disk)
            return log.Segments.Count > 0 && TryDrop(reason);
    }

    /// <summary>Deletes the oldest segment if the broker has all that is in it and it is not the newest.</summary>
    /// <returns>False where it is not so, or it cannot be deleted.</returns>
    public bool DropOldestSent()
    {
        lock (_disk)
            return log.Segments.Count >= 2 && IsSent(log.Segments[0]) && TryDrop("");
    }

    public void Dispose()
    {
        Flush();
        lock (_disk)
            log.Dispose();
    }

    private void Recover(Segment segment, LogRecord record)
    {
        switch (record.Kind)
        {
            case RecordKind.Checkpoint:
                var checkpoint = Read(record.Body, OutboxJson.Default.Checkpoint);
                _last = Math.Max(_last, checkpoint.Last);
                _acknowledged = Math.Max(_acknowledged, checkpoint.Acknowledged);
                foreach (var (camera, seq) in checkpoint.Seqs)
                    Reach(camera, seq);
                foreach (var (reason, count) in checkpoint.Dropped)
                    _dropped[reason] = Math.Max(count, _dropped.GetValueOrDefault(reason));
                foreach (var owed in checkpoint.Owed)
                    RecoverOwed(owed);
                break;
            case RecordKind.Trigger:
                RecoverOwed(Read(record.Body, OutboxJson.Default.TriggerEntry));
                break;
            case RecordKind.Letter:
                _last = Math.Max(_last, record.Number);
                var label = Read(LabelOf(record.Body), OutboxJson.Default.Label);
                var place = new LogPlace(segment, record.Offset, LogRecord.Size(record.Body.Length));
                _owed.Remove(label.Id);
                if (_letters.Count == 0 || record.Number > _letters[^1].Number)
                    Keep(new Letter(record.Number, label, late: true, clock.GetTimestamp()) { Place = place, IsRecovered = true });
                break;
            case RecordKind.Acknowledged:
                // Its letter may be damaged; a new one under that number would count as sent.
                _last = Math.Max(_last, record.Number);
                _acknowledged = Math.Max(_acknowledged, record.Number);
                break;
        }
    }

    /// <summary>After a failed write a record may be there twice, the second time behind its verdict.</summary>
    private void RecoverOwed(TriggerEntry trigger)
    {
        if (_triggers.GetValueOrDefault((trigger.Camera, trigger.Trigger))?.Label.Id != trigger.Id)
            Owe(trigger);
    }

    private void Owe(TriggerEntry trigger)
    {
        _owed[trigger.Id] = trigger;
        _triggers[(trigger.Camera, trigger.Trigger)] = null;
        Reach(trigger.Camera, trigger.Seq);
    }

    private void Keep(Letter letter)
    {
        _last = Math.Max(_last, letter.Number);
        _letters.Add(letter);
        if (!options.KeepsSent)
            return;
        _owed.Remove(letter.Label.Id);
        _triggers[(letter.Label.Camera, letter.Label.Trigger)] = letter;
        Reach(letter.Label.Camera, letter.Label.Seq);
    }

    /// <summary>A clock that is set makes none older or younger that this run has known.</summary>
    private TimeSpan Age(Letter letter) => letter.IsRecovered ? (clock.GetUtcNow() - letter.Label.At).Duration() : clock.GetElapsedTime(letter.AddedAt);

    private void Reach(string camera, long seq) => _seqs[camera] = Math.Max(seq, _seqs.GetValueOrDefault(camera));

    /// <summary>Whoever comes first writes for all who wait: one sync for many.</summary>
    private void Save(Line line)
    {
        lock (_disk)
        {
            if (!line.IsSaved)
                TryWrite();
        }
    }

    private void TryWrite()
    {
        Line[] batch;
        Letter[] added;
        lock (_index)
            (batch, added) = ([.. _unsaved], [.. _added]);

        if (batch.Length > 0 && (Trouble is null || clock.GetElapsedTime(_triedAt) > RetryDelay))
            Complain(Write(batch));
        lock (_index)
        {
            foreach (var letter in added)
                Keep(letter);
            _added.RemoveRange(0, added.Length);
        }

        if (Trouble is not null)
            LimitMemory();
    }

    /// <returns>Why it could not be written; null where it was.</returns>
    private Exception? Write(Line[] batch)
    {
        _triedAt = clock.GetTimestamp();
        while (true)
        {
            try
            {
                WriteAll(batch);
                return null;
            }
            catch (IOException e)
            {
                log.Abandon();
                if (e.HResult is not (NoSpace or QuotaExceeded) || !makeRoom())
                    return e;
            }
        }
    }

    private void WriteAll(Line[] batch)
    {
        var places = new LogPlace[batch.Length];
        for (var i = 0; i < batch.Length; i++)
        {
            if (log.IsFull || clock.GetUtcNow() - _segmentSince > options.Age / 16)
                BeginSegment(batch[..i]);
            log.Append(batch[i].Kind, batch[i].Number, batch[i].Body, out places[i]);
        }

        var sync = Array.Exists(batch, line => line.Kind != RecordKind.Acknowledged);
        var start = clock.GetTimestamp();
        log.Flush(sync);
        if (sync)
            Synced?.Invoke(clock.GetElapsedTime(start));
        lock (_index)
        {
            foreach (var (line, place) in batch.Zip(places))
                line.Saved(place);
            _unsaved.RemoveAll(line => line.IsSaved);
        }
    }

    /// <param name="before">Of the same batch, in the segment that ends: what its letters give is owed no longer, though they are not indexed yet.</param>
    private void BeginSegment(Line[] before)
    {
        Forget();
        var given = before.Select(line => line.Letter?.Label.Id ?? Guid.Empty);
        Checkpoint now;
        lock (_index)
            now = new Checkpoint(_last, _acknowledged, new Dictionary<string, long>(_seqs), new Dictionary<string, long>(_dropped), [.. _owed.Values.ExceptBy(given, t => t.Id)]);
        log.Begin();
        log.Append(RecordKind.Checkpoint, now.Last, JsonSerializer.SerializeToUtf8Bytes(now, OutboxJson.Default.Checkpoint), out _);
        _segmentSince = clock.GetUtcNow();
    }

    private void Forget()
    {
        try
        {
            while (log.Bytes > options.Bytes && log.Segments.Count > 1)
                Drop("bytes");
            while (log.Segments.Count > 1 && IsOld(log.Segments[0]))
                Drop("age");
            while (!options.KeepsSent && log.Segments.Count > 1 && IsSent(log.Segments[0]))
                Drop("");
        }
        catch (IOException e)
        {
            // A disk that deletes nothing takes nothing either.
            Complain(e);
        }
    }

    private bool TryDrop(string reason)
    {
        try
        {
            Drop(reason);
            return true;
        }
        catch (IOException)
        {
            // No room was made: who asked for it says so.
            return false;
        }
    }

    private bool IsOld(Segment segment)
    {
        lock (_index)
            return _letters.TakeWhile(letter => letter.Place?.Segment == segment).All(IsOld);
    }

    /// <summary>What still waits is as old as this run knows it: a clock that jumps must not throw it away.</summary>
    private bool IsOld(Letter letter) =>
        (letter.Number <= _acknowledged ? clock.GetUtcNow() - letter.Label.At : clock.GetElapsedTime(letter.AddedAt)) > options.Age;

    private bool IsSent(Segment segment)
    {
        lock (_index)
            return !_letters.Exists(letter => letter.Number > _acknowledged && letter.Place?.Segment == segment);
    }

    private void Drop(string reason)
    {
        var segment = log.DropOldest();
        int unsent;
        lock (_index)
        {
            var gone = _letters.TakeWhile(letter => letter.Place?.Segment == segment).ToList();
            unsent = gone.Count(letter => letter.Number > _acknowledged);
            Remove(gone);
        }

        Drop(unsent, reason);
    }

    private void Remove(List<Letter> oldest)
    {
        _letters.RemoveRange(0, oldest.Count);
        foreach (var letter in oldest)
            ForgetTrigger(letter);
    }

    private void ForgetTrigger(Letter letter)
    {
        if (_triggers.TryGetValue((letter.Label.Camera, letter.Label.Trigger), out var known) && known == letter)
            _triggers.Remove((letter.Label.Camera, letter.Label.Trigger));
    }

    private void LimitMemory()
    {
        var dropped = 0;
        lock (_index)
        {
            for (var letters = _unsaved.Count(line => line.Kind == RecordKind.Letter); letters > options.LettersInMemory; letters--)
            {
                var oldest = _unsaved.FindIndex(line => line.Kind == RecordKind.Letter);
                dropped += _unsaved[oldest].Number > _acknowledged ? 1 : 0;
                _letters.Remove(_unsaved[oldest].Letter!);
                ForgetTrigger(_unsaved[oldest].Letter!);
                _unsaved.RemoveRange(0, oldest + 1);
            }
        }

        Drop(dropped, "disk_full");
    }

    private void Drop(long count, string reason)
    {
        if (count == 0)
            return;
        lock (_index)
            _dropped[reason] = _dropped.GetValueOrDefault(reason) + count;
        Dropped?.Invoke(count, reason);
    }

    /// <summary>The same trouble is told of once, though each try names another file.</summary>
    private void Complain(Exception? why)
    {
        if (why?.HResult == _troubleCode)
            return;
        (Trouble, _troubleCode) = (why?.Message, why?.HResult);
        TroubleChanged?.Invoke(Trouble);
    }

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

    private static byte[] Envelope(Label label, ReadOnlySpan<byte> content)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(label, OutboxJson.Default.Label);
        var body = new byte[sizeof(int) + head.Length + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(body, head.Length);
        head.CopyTo(body, sizeof(int));
        content.CopyTo(body.AsSpan(sizeof(int) + head.Length));
        return body;
    }

    private static ReadOnlyMemory<byte> LabelOf(ReadOnlyMemory<byte> body) => body.Slice(sizeof(int), BinaryPrimitives.ReadInt32LittleEndian(body.Span));

    private static ReadOnlyMemory<byte> ContentOf(ReadOnlyMemory<byte> body) => body[(sizeof(int) + BinaryPrimitives.ReadInt32LittleEndian(body.Span))..];

    private static T Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json.Span, type) ?? throw new JsonException("null");

    /// <summary>A record that is to be written.</summary>
    private sealed record Line(RecordKind Kind, long Number, byte[] Body, Letter? Letter)
    {
        public bool IsSaved { get; private set; }

        public void Saved(LogPlace place)
        {
            IsSaved = true;
            if (Letter is not null)
                (Letter.Place, Letter.Unsaved) = (place, null);
        }
    }
}
