using System.Buffers;
using System.Globalization;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Records in a row of files. Each opening begins a new file, and so does each failure: what was synced is never written to again.
/// Not thread-safe but for <see cref="Read"/>.
/// </summary>
/// <param name="segmentBytes">A file that has grown to this is followed by the next.</param>
public sealed class SegmentLog(ILogFolder folder, long segmentBytes) : IDisposable
{
    private const string Extension = ".log";

    private readonly List<Segment> _segments = [];
    private readonly ArrayBufferWriter<byte> _batch = new();
    private ILogFile? _file;
    private long _lastName;

    public IReadOnlyList<Segment> Segments => _segments;

    public long Bytes => _segments.Sum(s => s.Bytes);

    /// <summary>A new file is due.</summary>
    public bool IsFull => _file is null || _segments[^1].Bytes + _batch.WrittenCount >= segmentBytes;

    /// <summary>Reads all there is, oldest first. Once, before the first <see cref="Append"/>.</summary>
    /// <param name="damaged">Told the file and how many of its bytes were skipped.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IEnumerable<(Segment Segment, LogRecord Record)> ReadAll(Action<string, int> damaged)
    {
        foreach (var name in folder.List().Where(n => n.EndsWith(Extension, StringComparison.Ordinal)))
        {
            if (!long.TryParse(name[..^Extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                continue;
            _lastName = Math.Max(_lastName, number);
            var bytes = folder.Read(name);
            var segment = new Segment(name, bytes.Length);
            _segments.Add(segment);
            foreach (var record in LogRecord.ReadAll(bytes, count => damaged(name, count)))
                yield return (segment, record);
        }
    }

    /// <summary>The next record begins a file: the current one is flushed and closed.</summary>
    /// <exception cref="IOException">No room, or the disk fails.</exception>
    public void Begin()
    {
        Flush(sync: true);
        _file?.Dispose();
        _file = null;
        var name = (_lastName + 1).ToString("d12", CultureInfo.InvariantCulture) + Extension;
        _file = folder.Create(name);
        _lastName++;
        _segments.Add(new Segment(name, 0));
    }

    /// <summary>Puts a record into the batch that <see cref="Flush"/> writes; a file must have begun.</summary>
    /// <param name="place">Where it will be.</param>
    public void Append(RecordKind kind, long number, ReadOnlySpan<byte> body, out LogPlace place)
    {
        place = new LogPlace(_segments[^1], _segments[^1].Bytes + _batch.WrittenCount, LogRecord.Size(body.Length));
        LogRecord.Write(_batch, kind, number, body);
    }

    /// <summary>Writes the batch.</summary>
    /// <param name="sync">It survives a power loss when this returns; otherwise only the end of this process.</param>
    /// <exception cref="IOException">Some of the batch may be on disk and some not: append it again.</exception>
    public void Flush(bool sync)
    {
        if (_file is null)
            return;
        _file.Append(_batch.WrittenSpan);
        _segments[^1].Bytes += _batch.WrittenCount;
        _batch.ResetWrittenCount();
        if (sync)
            _file.Sync();
    }

    /// <summary>After a failure: what was not flushed is forgotten, the next record begins a new file.</summary>
    public void Abandon()
    {
        _batch.ResetWrittenCount();
        if (_file is null)
            return;
        _file.Dispose();
        _file = null;
        try
        {
            // A full disk must not fill with empty files.
            if (_segments[^1].Bytes == 0)
                Delete(_segments.Count - 1);
        }
        catch (IOException)
        {
            // It goes with the oldest, as any other.
        }
    }

    /// <summary>From any thread.</summary>
    /// <returns>Null where it has been deleted meanwhile or was damaged.</returns>
    public ReadOnlyMemory<byte>? Read(LogPlace place)
    {
        var bytes = new byte[place.Length];
        try
        {
            return folder.Read(place.Segment.Name, place.Offset, bytes) == bytes.Length && LogRecord.TryRead(bytes, 0, out var record) ? record.Body : default(ReadOnlyMemory<byte>?);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Deletes the oldest file.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public Segment DropOldest()
    {
        var oldest = _segments[0];
        if (_segments.Count == 1)
            Abandon();
        if (_segments.Count > 0)
            Delete(0);
        return oldest;
    }

    public void Dispose() => _file?.Dispose();

    private void Delete(int index)
    {
        folder.Delete(_segments[index].Name);
        _segments.RemoveAt(index);
    }
}
