using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>The verdicts of parts of several views. One is committed with the verdicts of its views or after them, never before: until then those are views of an open part.</summary>
public sealed class OutboxParts(OutboxOptions options, ResultsStore store, TimeProvider clock) : OutboxMessages("part", MaxInMemory, options, store, clock)
{
    // As many as verdicts, kept while the disk is full.
    private const int MaxInMemory = 10_000;

    // The row of the parts among the sequence numbers of cameras; no camera has an empty name.
    private const string Sequence = "";

    private const string Columns = "number, topic, seq, id, at";

    private long _lastSeq;
    private long _chosenTo;

    /// <summary>Zero: they are in the database, whose size is that of the verdicts.</summary>
    public override long Bytes => 0;

    /// <summary>The sequence number of the last part; 0 where there is none yet.</summary>
    public long LastSeq
    {
        get
        {
            lock (Sync)
                return _lastSeq;
        }
    }

    protected override string Key => "id";

    /// <summary>Adds the verdict of a part whose views were added.</summary>
    public void Add(MessageHeaders headers, PartMessage part, ReadOnlyMemory<byte> content, bool historical)
    {
        Add((number, now) => new OutboxMessage(number, headers, historical, now) { Content = content, Part = part });
        lock (Sync)
            _lastSeq = Math.Max(_lastSeq, part.Seq);
    }

    /// <returns>True where a part with this id was judged within <c>outbox.trigger_memory</c>: a further view of it is late.</returns>
    public bool IsJudged(string part)
    {
        lock (Sync)
        {
            if (UnsavedMessages.Any(m => m.Part!.Part == part))
                return true;
        }

        return Rows("SELECT number, judged_at FROM parts WHERE part = $1 ORDER BY number DESC LIMIT 1", row => IsKnown(row.GetInt64(0), row.GetInt64(1)), part).Contains(true);
    }

    /// <returns>The views of parts that earlier runs have not judged, with the ids of those parts, in the order of their verdicts.</returns>
    public IReadOnlyList<StoredView> OpenViews() => Rows(
        "SELECT part, camera, id, seq, at, verdict, score, product, serial FROM verdicts WHERE part_number = 0 AND part IS NOT NULL ORDER BY number",
        row => new StoredView(
            row.GetString(0),
            new PartView
            {
                Camera = row.GetString(1),
                VerdictId = row.GetGuid(2),
                Seq = row.GetInt64(3),
                At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                Verdict = Enum.Parse<Verdict>(row.GetString(5), ignoreCase: true),
                Score = row.IsDBNull(6) ? null : (float)row.GetDouble(6),
            },
            row.IsDBNull(7) ? null : row.GetString(7),
            row.IsDBNull(8) ? null : row.GetString(8)));

    /// <summary>Chooses the parts of the next <see cref="OutboxMessages.Write"/>: those that were added until now, so that all of their views are among the verdicts that are written after this.</summary>
    public void Choose()
    {
        lock (Sync)
            _chosenTo = UnsavedMessages.Count > 0 ? UnsavedMessages[^1].Number : _chosenTo;
    }

    public override ReadOnlyMemory<byte>? Content(OutboxMessage message) =>
        message.Content ?? Rows("SELECT message, checksum FROM parts WHERE number = $1", row => Content(row, 0), message.Number).FirstOrDefault();

    public override void Open(SqliteConnection connection)
    {
        base.Open(connection);
        var last = connection.Number("SELECT max(seq) FROM (SELECT seq FROM sequences WHERE camera = $1 UNION ALL SELECT seq FROM (SELECT seq FROM parts ORDER BY number DESC LIMIT 1))", Sequence);
        lock (Sync)
            _lastSeq = last;
    }

    /// <summary>A part goes with its views, at the latest.</summary>
    public override Action? Expire(SqliteConnection connection)
    {
        var done = base.Expire(connection);
        while (Delete(
            connection, "bytes", $"SELECT number FROM parts WHERE number < (SELECT min(part_number) FROM verdicts WHERE part_number > 0) ORDER BY number LIMIT {RowsAtOnce}") is { } dropped)
            done += dropped;
        return done;
    }

    protected override bool CanInsert(OutboxMessage message) => message.Number <= _chosenTo;

    protected override void Insert(SqliteConnection connection, OutboxMessage message, Delivery delivery)
    {
        var part = message.Part!;
        var content = message.Content!.Value.Span;
        connection.Run(
            """
            INSERT INTO parts (number, id, part, seq, product, serial, at, judged_at, verdict, missing, topic, delivery, message, checksum)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO NOTHING
            """,
            message.Number, part.Id.ToString(), part.Part, part.Seq, part.Product, part.Serial, part.TriggeredAt.ToUnixTimeMilliseconds(), part.JudgedAt.ToUnixTimeMilliseconds(),
            part.Verdict.ToText(), part.Missing.Sum(view => view.Looks), message.Headers.Topic, (int)delivery, System.Text.Encoding.UTF8.GetString(content), VerdictWriter.Checksum(content));
        foreach (var view in part.Views)
            connection.Run("UPDATE verdicts SET part_number = $1 WHERE id = $2", message.Number, view.VerdictId.ToString());
        connection.Run("INSERT INTO sequences VALUES ($1, $2) ON CONFLICT DO UPDATE SET seq = excluded.seq WHERE excluded.seq > seq", Sequence, part.Seq);
    }

    protected override List<OutboxMessage> Load(SqliteConnection connection, string topic, long after, int max) => connection.Read(
        $"SELECT {Columns}, message, checksum FROM parts WHERE topic = $1 AND number > $2 AND delivery = 0 ORDER BY number LIMIT $3",
        row =>
        {
            var headers = new MessageHeaders
            {
                ContentType = "application/json",
                Topic = row.GetString(1),
                Camera = "",
                Seq = row.GetInt64(2),
                Id = row.GetGuid(3),
                Trigger = "",
                At = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
            };
            return new OutboxMessage(row.GetInt64(0), headers, historical: true, Clock.GetTimestamp()) { IsSaved = true, Content = Content(row, 5) };
        },
        topic, after, max);

    protected override void OnDeleted(SqliteConnection connection, IEnumerable<string> rows)
    {
        // Nothing else belongs to them: their views are verdicts with an age of their own.
    }
}
