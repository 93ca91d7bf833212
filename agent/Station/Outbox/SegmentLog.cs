using System.Buffers;
using System.Globalization;

namespace MrfAd.Station.Outbox;

/// <summary>
/// Records in numbered files, the segments. Each opening and each failure begins a new file, so that synced data is never written to again.
/// Not thread-safe, except for <see cref="Read"/>.
/// </summary>
/// <param name="segmentBytes">Size in bytes at which a file is complete and the next one begins.</param>
public sealed class SegmentLog(ILogFolder folder, long segmentBytes) : IDisposable
{
    private const string Extension = ".log";

    private readonly List<Segment> _segments = [];
    private readonly ArrayBufferWriter<byte> _batch = new();
    private ILogFile? _file;
    private long _lastName;

    public IReadOnlyList<Segment> Segments => _segments;

    public long Bytes => _segments.Sum(s => s.Bytes);

    /// <summary>True when the next record must begin a new file.</summary>
    public bool IsFull => _file is null || _segments[^1].Bytes + _batch.WrittenCount >= segmentBytes;

    /// <summary>Reads all records, oldest first. To be called once, before the first <see cref="Append"/>.</summary>
    /// <param name="damaged">Called with the file's name and the number of its bytes that were skipped.</param>
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

    /// <summary>Flushes and closes the current file and creates the next one.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
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

    /// <summary>Adds a record to the batch that <see cref="Flush"/> writes; <see cref="Begin"/> must have been called.</summary>
    /// <param name="place">The place on disk that the record will have.</param>
    public void Append(RecordKind kind, long number, ReadOnlySpan<byte> body, out LogPlace place)
    {
        place = new LogPlace(_segments[^1], _segments[^1].Bytes + _batch.WrittenCount, LogRecord.Size(body.Length));
        LogRecord.Write(_batch, kind, number, body);
    }

    /// <summary>Writes the batch.</summary>
    /// <param name="sync">True to return only once the batch survives a power loss; otherwise it survives only the end of this process.</param>
    /// <exception cref="IOException">Parts of the batch may be on disk; append all of it again.</exception>
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

    /// <summary>Discards the batch and closes the current file after a failure; the next record begins a new file.</summary>
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
            // It is deleted later, as any other file, when it is the oldest.
        }
    }

    /// <summary>Reads the body of a record. May be called from any thread.</summary>
    /// <returns>Null where the file has been deleted meanwhile or the record is damaged.</returns>
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
    /// <exception cref="IOException">The file cannot be deleted.</exception>
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
