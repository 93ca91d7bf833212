using Microsoft.Data.Sqlite;
using MrfAd.Station.History;

namespace MrfAd.Station.Review;

/// <summary>The parts that wait for a person's label.</summary>
/// <param name="open">Opens a connection that reads; the caller closes it.</param>
public sealed class ReviewQueues(Func<SqliteConnection> open, KeptPictures pictures)
{
    // So many frames of the evidence are looked up in one statement.
    private const int IdsAtOnce = 200;

    /// <summary>Parts that were judged NG.</summary>
    public const string Ng = "ng";

    /// <summary>OK parts whose score came within a tenth of the threshold.</summary>
    public const string Doubtful = "doubtful";

    /// <summary>OK parts of which a frame was kept, one in <c>evidence.ok_one_in</c>: a sample that says how many defects are missed.</summary>
    public const string Sample = "sample";

    /// <summary>A part that somebody picked from history.</summary>
    public const string Picked = "history";

    /// <summary>The names of the queues.</summary>
    public static IReadOnlyList<string> Names { get; } = [Ng, Doubtful, Sample];

    /// <summary>The places that labels may come from.</summary>
    public static IReadOnlyList<string> Origins { get; } = [.. Names, Picked];

    /// <returns>The parts of a queue that have no label, the newest first.</returns>
    /// <param name="camera">The camera; null for all.</param>
    /// <exception cref="FilterException">There is no such queue.</exception>
    public IReadOnlyList<HistoryEntry> Next(string queue, string? camera, int limit)
    {
        using var connection = open();
        var parts = Read(connection, From(queue), queue == Sample ? "p.number DESC" : "v.at DESC, v.number DESC", camera, limit);
        if (queue == Sample)
            AddEvidence(connection, parts, camera, limit);
        return parts;
    }

    /// <summary>Adds OK parts whose frames are kept as evidence.</summary>
    private void AddEvidence(SqliteConnection connection, List<HistoryEntry> parts, string? camera, int limit)
    {
        foreach (var ids in pictures.EvidenceIds().Chunk(IdsAtOnce))
        {
            if (parts.Count >= limit)
                return;
            // The ids were parsed as such: they need no quoting.
            var list = string.Join(", ", ids.Select(id => $"'{id}'"));
            parts.AddRange(Read(connection, $"verdicts v INDEXED BY verdicts_id WHERE v.id IN ({list}) AND v.verdict = 'OK'", "v.at DESC, v.number DESC", camera, limit - parts.Count)
                .Where(part => parts.TrueForAll(p => p.Id != part.Id)));
        }
    }

    private static List<HistoryEntry> Read(SqliteConnection connection, string from, string order, string? camera, int limit)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            SELECT {HistoryPlan.Columns} FROM {from} {(camera is null ? "" : "AND v.camera = $camera")} AND NOT EXISTS (SELECT 1 FROM labels x WHERE x.verdict_id = v.id)
            ORDER BY {order} LIMIT $limit
            """;
        command.Parameters.AddWithValue("$limit", limit);
        if (camera is not null)
            command.Parameters.AddWithValue("$camera", camera);
        using var reader = command.ExecuteReader();
        var parts = new List<HistoryEntry>();
        while (reader.Read())
            parts.Add(HistoryQuery.Entry(reader));
        return parts;
    }

    private static string From(string queue) => queue switch
    {
        Ng => "verdicts v INDEXED BY verdicts_verdict WHERE v.verdict = 'NG'",
        // The first condition is that of the index.
        Doubtful => "verdicts v INDEXED BY verdicts_doubtful WHERE (v.verdict = 'NG' OR v.score >= 0.9 * v.threshold) AND v.verdict = 'OK'",
        Sample => "pictures p CROSS JOIN verdicts v ON v.id = p.verdict_id WHERE p.kind = 'frame' AND v.verdict = 'OK'",
        _ => throw new FilterException($"queue: want {string.Join(", ", Names)}, got '{queue}'"),
    };
}
