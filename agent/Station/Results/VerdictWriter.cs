using System.Numerics;
using System.Text;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Station.Results;

/// <summary>Inserts verdicts.</summary>
public static class VerdictWriter
{
    /// <summary>Inserts a verdict unless there is one with its id.</summary>
    /// <param name="number">The number of the verdict, greater than those of all earlier ones.</param>
    /// <param name="content">The payload as it is published, JSON in UTF-8.</param>
    /// <param name="traceparent">The W3C <c>traceparent</c> of the part's span; null where it has no trace.</param>
    /// <param name="isView">True where it is a view of a part that is not judged yet.</param>
    /// <returns>False where there was one with its id.</returns>
    public static bool Insert(SqliteConnection connection, long number, VerdictMessage verdict, string topic, Delivery delivery, ReadOnlySpan<byte> content, string? traceparent = null, bool isView = false) => connection.Run(
        """
        INSERT INTO verdicts (number, id, camera, product, seq, trigger_id, at, verdict, cause, score, threshold, p_value, bank_id, bank_version, total_ms, topic, delivery, message, checksum, serial, traceparent, part, part_number)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
        ON CONFLICT (id) DO NOTHING
        """,
        number, verdict.Id.ToString(), verdict.Camera, verdict.Product, verdict.Seq, verdict.Trigger.Id, verdict.Trigger.At.ToUnixTimeMilliseconds(), verdict.Verdict.ToText(), verdict.Fault?.Kind,
        verdict.Score, verdict.Threshold, verdict.PValue, verdict.Bank?.Id, verdict.Bank?.Version, verdict.TimingsMs.Total, topic, (int)delivery,
        Encoding.UTF8.GetString(content), Checksum(content), verdict.Serial, traceparent, verdict.Part, isView ? 0 : null) > 0;

    /// <summary>Returns the checksum of a payload: CRC-32C of its bytes.</summary>
    public static long Checksum(ReadOnlySpan<byte> content)
    {
        var crc = ~0u;
        foreach (var b in content)
            crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }
}
