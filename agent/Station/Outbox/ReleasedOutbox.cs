using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.Results;

namespace MrfAd.Station.Outbox;

/// <summary>Takes over what versions before 0.2 left in the folder <c>outbox</c>: verdicts, waiting pictures, triggers without a verdict, sequence numbers and drop counts.</summary>
public sealed class ReleasedOutbox(string folder, PictureFiles pictures)
{
    /// <summary>The number of bytes that could not be read.</summary>
    public long DamagedBytes { get; private set; }

    /// <summary>The number of verdicts that were taken over.</summary>
    public int Verdicts { get; private set; }

    /// <summary>Writes all into the database, unless it is there already from an earlier attempt.</summary>
    /// <exception cref="IOException">A file cannot be read, or a picture not written.</exception>
    public void Write(SqliteConnection connection)
    {
        (DamagedBytes, Verdicts) = (0, 0);
        Write(connection, "verdict", WriteVerdict);
        Write(connection, "picture", WritePicture);
    }

    private void Write(SqliteConnection connection, string what, Action<SqliteConnection, long, JsonNode, ReadOnlyMemory<byte>, Delivery> write)
    {
        var files = Directory.Exists(Path.Combine(folder, what + "s")) ? UserFiles.Files(Path.Combine(folder, what + "s"), "*.log").Order(StringComparer.Ordinal).ToList() : [];
        var acknowledged = files.SelectMany(Read).Select(r => r.Kind == ReleasedLog.Acknowledged ? r.Number : Json(r) is { } checkpoint ? (long?)checkpoint["acknowledged"] ?? 0 : 0).DefaultIfEmpty(0).Max();
        var number = connection.Number($"SELECT max(number) FROM {what}s");
        DamagedBytes = 0;
        foreach (var record in files.SelectMany(Read))
        {
            try
            {
                if (record.Kind == ReleasedLog.Message)
                    WriteMessage(record);
                else if (record.Kind == ReleasedLog.Trigger && Parse(record.Body) is { } trigger)
                    WriteTrigger(connection, trigger);
                else if (Json(record) is { } checkpoint)
                    WriteCheckpoint(connection, what, checkpoint);
            }
            catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException or InvalidOperationException or FormatException or NullReferenceException)
            {
                // The checksum is right but the content is unknown: another version wrote it.
                DamagedBytes += record.Body.Length;
            }
        }

        void WriteMessage((int Kind, long Number, ReadOnlyMemory<byte> Body) record)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(record.Body.Span);
            var headers = Parse(record.Body.Slice(sizeof(int), length))!;
            write(connection, ++number, headers, record.Body[(sizeof(int) + length)..], record.Number <= acknowledged ? Delivery.Acknowledged : Delivery.Waiting);
        }
    }

    private void WriteVerdict(SqliteConnection connection, long number, JsonNode headers, ReadOnlyMemory<byte> content, Delivery delivery)
    {
        var verdict = JsonSerializer.Deserialize(content.Span, MessageJson.Default.VerdictMessage) ?? throw new JsonException("null");
        Verdicts += VerdictWriter.Insert(connection, number, verdict, (string)headers["topic"]!, delivery, content.Span) ? 1 : 0;
        connection.Run("DELETE FROM pending_triggers WHERE verdict_id = $1", verdict.Id.ToString());
        WriteSequence(connection, verdict.Camera, verdict.Seq);
    }

    private void WritePicture(SqliteConnection connection, long number, JsonNode headers, ReadOnlyMemory<byte> content, Delivery delivery)
    {
        if (delivery != Delivery.Waiting)
            return;
        var (id, topic, type, at) = ((Guid)headers["id"]!, (string)headers["topic"]!, (string)headers["content_type"]!, (DateTimeOffset)headers["at"]!);
        var kind = topic[(topic.LastIndexOf('/') + 1)..];
        var file = pictures.Write(id, kind, type, at, content.Span);
        connection.Run(
            """
            INSERT INTO pictures (number, verdict_id, kind, at, file, content_type, bytes, topic, delivery, camera, seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10)
            ON CONFLICT (verdict_id, kind) DO NOTHING
            """,
            number, id.ToString(), kind, at.ToUnixTimeMilliseconds(), file, type, (long)content.Length, topic, (string)headers["camera"]!, (long)headers["seq"]!);
    }

    private static void WriteTrigger(SqliteConnection connection, JsonNode trigger)
    {
        var (id, camera, seq) = (((Guid)trigger["id"]!).ToString(), (string)trigger["camera"]!, (long)trigger["seq"]!);
        connection.Run(
            "INSERT OR IGNORE INTO pending_triggers (verdict_id, camera, seq, trigger_id, source, at) SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT 1 FROM verdicts WHERE id = $1)",
            id, camera, seq, (string)trigger["trigger"]!, (string)trigger["source"]!, ((DateTimeOffset)trigger["at"]!).ToUnixTimeMilliseconds());
        WriteSequence(connection, camera, seq);
    }

    private static void WriteCheckpoint(SqliteConnection connection, string what, JsonNode checkpoint)
    {
        foreach (var (camera, seq) in checkpoint["seqs"]!.AsObject())
            WriteSequence(connection, camera, (long)seq!);
        foreach (var (reason, count) in checkpoint["dropped"]!.AsObject())
            connection.Run("INSERT INTO drop_counts VALUES ($1, $2, $3) ON CONFLICT DO UPDATE SET count = max(count, excluded.count)", what, reason, (long)count!);
        foreach (var trigger in checkpoint["owed"]!.AsArray())
            WriteTrigger(connection, trigger!);
    }

    private static void WriteSequence(SqliteConnection connection, string camera, long seq) =>
        connection.Run("INSERT INTO sequences VALUES ($1, $2) ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)", camera, seq);

    private List<(int Kind, long Number, ReadOnlyMemory<byte> Body)> Read(string file)
    {
        var records = ReleasedLog.Read(UserFiles.ReadBytes(file), out var damaged);
        DamagedBytes += damaged;
        return records;
    }

    private static JsonNode? Json((int Kind, long Number, ReadOnlyMemory<byte> Body) record) => record.Kind == ReleasedLog.Checkpoint ? Parse(record.Body) : null;

    private static JsonNode? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonNode.Parse(json.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
