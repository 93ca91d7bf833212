using Microsoft.Data.Sqlite;
using MrfAd.Station.Options;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>The frames and heatmaps. Those that the broker has stay as files within the limits, to be looked at.</summary>
public sealed class OutboxPictures : OutboxMessages
{
    // Kept while the disk is full; a picture is a megabyte or so.
    private const int MaxInMemory = 64;

    private readonly PictureFiles _files;
    private readonly List<(string File, string Reason)> _deleted = [];
    private string? _fileError;

    public OutboxPictures(PictureFiles files, OutboxOptions options, ResultsStore store, TimeProvider clock)
        : base("picture", MaxInMemory, options, store, clock)
    {
        _files = files;
        files.Deleted += (file, reason) =>
        {
            lock (Sync)
                _deleted.Add((file, reason));
        };
    }

    /// <summary>Raised when <see cref="OutboxMessages.Error"/> may have changed.</summary>
    public event Action? ErrorChanged;

    public override long Bytes => _files.Bytes;

    protected override string? FileError => _fileError;

    protected override string Key => "file";

    /// <summary>Adds a picture, and writes its file unless the disk refuses it.</summary>
    /// <param name="verdict">The verdict that the picture belongs to, which is sent first.</param>
    /// <param name="kind">The kind of the picture, "frame" or "heatmap".</param>
    public void Add(MessageHeaders headers, OutboxMessage verdict, string kind, ReadOnlyMemory<byte> content, bool historical)
    {
        Add((number, now) => new OutboxMessage(number, headers, historical, now) { Content = content, Bytes = content.Length, Kind = kind, Follows = (verdict.Headers.Topic, verdict.Number) });
        WriteFiles();
    }

    /// <summary>Writes the files of pictures that are only in memory.</summary>
    public void WriteFiles()
    {
        OutboxMessage[] unwritten;
        lock (Sync)
            unwritten = [.. UnsavedMessages.Where(m => m.File is null && m.Delivery != Delivery.Dropped)];
        try
        {
            foreach (var message in unwritten)
            {
                var (headers, content) = (message.Headers, message.Content!.Value);
                var file = _files.Write(headers.Id, message.Kind!, headers.ContentType, headers.At, content.Span);
                lock (Sync)
                    (message.File, message.Content) = (file, null);
            }

            SetError(null);
        }
        catch (IOException e)
        {
            SetError(e.Message);
            LimitMemory();
        }
    }

    public override ReadOnlyMemory<byte>? Content(OutboxMessage message) => message.Content ?? (message.File is { } file && _files.Read(file) is { } bytes ? bytes : default(ReadOnlyMemory<byte>?));

    public override Action Write(SqliteConnection connection, bool isDue)
    {
        var done = base.Write(connection, isDue);
        (string File, string Reason)[] deleted;
        lock (Sync)
            deleted = [.. _deleted];
        foreach (var (file, reason) in deleted)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            done += Delete(connection, reason, "SELECT number FROM pictures WHERE verdict_id = $1 AND kind = $2", name[..36], name[37..]);
        }

        return done + (() =>
        {
            lock (Sync)
                _deleted.RemoveRange(0, deleted.Length);
        });
    }

    protected override bool CanInsert(OutboxMessage message) => message.File is not null;

    protected override void Insert(SqliteConnection connection, OutboxMessage message, Delivery delivery)
    {
        var headers = message.Headers;
        connection.Run(
            """
            INSERT INTO pictures (number, verdict_id, kind, at, file, content_type, bytes, topic, delivery, camera, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (verdict_id, kind) DO NOTHING
            """,
            message.Number, headers.Id.ToString(), message.Kind, headers.At.ToUnixTimeMilliseconds(), message.File, headers.ContentType, message.Bytes, headers.Topic, (int)delivery,
            headers.Camera, headers.Seq);
    }

    protected override List<OutboxMessage> Load(SqliteConnection connection, string topic, long after, int max) => connection.Read(
        """
        SELECT p.number, p.topic, p.content_type, p.camera, p.seq, p.verdict_id, p.at, p.kind, p.file, p.bytes, v.topic, v.number
        FROM pictures p LEFT JOIN verdicts v ON v.id = p.verdict_id AND v.delivery = 0
        WHERE p.topic = $1 AND p.number > $2 AND p.delivery = 0 ORDER BY p.number LIMIT $3
        """,
        row =>
        {
            var headers = new MessageHeaders
            {
                Topic = row.GetString(1),
                ContentType = row.GetString(2),
                Camera = row.GetString(3),
                Seq = row.GetInt64(4),
                Id = row.GetGuid(5),
                Trigger = "",
                At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
            };
            return new OutboxMessage(row.GetInt64(0), headers, historical: true, Clock.GetTimestamp())
            {
                IsSaved = true,
                Kind = row.GetString(7),
                File = row.GetString(8),
                Bytes = row.GetInt64(9),
                Follows = row.IsDBNull(10) ? null : (row.GetString(10), row.GetInt64(11)),
            };
        },
        topic, after, max);

    protected override void OnDeleted(SqliteConnection connection, IEnumerable<string> rows)
    {
        foreach (var file in rows)
            _files.Delete(file);
    }

    private void SetError(string? why)
    {
        if (_fileError == why)
            return;
        _fileError = why;
        ErrorChanged?.Invoke();
    }
}
