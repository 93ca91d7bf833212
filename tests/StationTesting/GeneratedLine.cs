using System.Text.Json;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Testing;

/// <summary>Generates the verdicts of a line with several cameras and products, reproducible by a seed, and writes them into a results database.</summary>
public sealed class GeneratedLine
{
    /// <summary>The time of the first verdict.</summary>
    public DateTimeOffset Start { get; init; } = new(2026, 1, 5, 6, 0, 0, TimeSpan.Zero);

    /// <summary>The time between two triggers.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(3);

    public IReadOnlyList<string> Cameras { get; init; } = ["top", "side"];

    public IReadOnlyList<string?> Products { get; init; } = ["cap", "lid", null];

    /// <summary>The share of NG parts.</summary>
    public double NgRate { get; init; } = 0.02;

    public int Seed { get; init; } = 1;

    private const double Threshold = 20;

    /// <summary>Writes verdicts with the numbers from <paramref name="first"/> on.</summary>
    public void Write(SqliteConnection connection, int verdicts, long first = 1)
    {
        var random = new Random((Seed * 7919) + (int)(first % 1_000_003));
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            INSERT INTO verdicts (number, id, camera, product, seq, trigger_id, serial, at, verdict, cause, score, threshold, p_value, bank_id, bank_version, total_ms, topic, delivery, message, part)
            VALUES ($number, $id, $camera, $product, $seq, $trigger, $serial, $at, $verdict, $cause, $score, $threshold, $p, $bank, $version, $total, $topic, 1, $message, $part)
            """;
        foreach (var name in (string[])["number", "id", "camera", "product", "seq", "trigger", "serial", "at", "verdict", "cause", "score", "threshold", "p", "bank", "version", "total", "topic", "message", "part"])
            command.Parameters.Add(new SqliteParameter("$" + name, null));
        command.Prepare();
        for (var number = first; number < first + verdicts; number++)
            Insert(command, number, Make(number, random, out var product), product);
        transaction.Commit();
    }

    /// <summary>Makes one verdict: one in a thousand is INVALID, one in two thousand TIMEOUT, and of the others the wanted share is NG.</summary>
    public VerdictMessage Make(long number, Random random, out string? product)
    {
        var camera = Cameras[(int)(number % Cameras.Count)];
        var at = Start + ((number - 1) * Interval);
        // Products run in batches of 500 parts.
        product = Products[(int)(number / 500 % Products.Count)];
        var kind = random.NextDouble();
        var verdict = kind < 0.001 ? Verdict.Invalid : kind < 0.0015 ? Verdict.Timeout : random.NextDouble() < NgRate ? Verdict.Ng : Verdict.Ok;
        var isJudged = verdict is Verdict.Ok or Verdict.Ng;
        // Log-normal scores, well below the threshold for good parts.
        var score = isJudged ? verdict == Verdict.Ng ? Threshold * (1 + (random.NextDouble() * 3)) : Math.Min(Threshold * 0.999, 8 * Math.Exp(0.25 * Normal(random))) : (double?)null;
        return new VerdictMessage
        {
            Id = Guid.CreateVersion7(at),
            Seq = (number + Cameras.Count - 1) / Cameras.Count,
            Station = "press",
            Camera = camera,
            Trigger = new VerdictTrigger { Id = $"part-{number}", Source = "mqtt", At = at },
            // One part in fifty is seen by two cameras.
            Part = number % 100 < 2 ? $"P{number / 100}" : null,
            CapturedAt = at.AddMilliseconds(12),
            Verdict = verdict,
            Reason = verdict switch { Verdict.Invalid => "the image is dark: 3 (want 20 or more)", Verdict.Timeout => "no frame within 500 ms", _ => null },
            Fault = verdict == Verdict.Invalid ? new VerdictFault { Kind = random.Next(3) == 0 ? "blurred" : "dark", Value = 3, Limit = 20 } : null,
            Score = (float?)score,
            Threshold = isJudged ? (float)Threshold : null,
            PValue = score is { } s ? Math.Exp(-s / 4) : null,
            Regions = verdict == Verdict.Ng ? [new VerdictRegion { XPx = 600 + random.Next(200), YPx = 300 + random.Next(100), WidthPx = 40, HeightPx = 30, AreaPx = 700, Score = (float)score! }] : [],
            Bank = isJudged ? new VerdictBank { Id = "cap", Version = 1 + (int)(number / 200_000), Sha256 = new string('a', 64) } : null,
            Encoder = isJudged ? new VerdictEncoder { Id = "mrfad-encoder", Sha256 = new string('0', 64) } : null,
            Frame = verdict == Verdict.Timeout ? null : new VerdictFrame { WidthPx = 1280, HeightPx = 1024, Source = "camera" },
            TimingsMs = new VerdictTimings { Queue = random.NextDouble(), Decode = 4, Features = 60 + (random.NextDouble() * 10), Search = 20 + (random.NextDouble() * 10), Fuse = 5, Total = 95 + (random.NextDouble() * random.NextDouble() * 60) },
        };
    }

    private static void Insert(SqliteCommand command, long number, VerdictMessage verdict, string? product)
    {
        object?[] values =
        [
            number, verdict.Id.ToString(), verdict.Camera, product, verdict.Seq, verdict.Trigger.Id, "SN" + number, verdict.Trigger.At.ToUnixTimeMilliseconds(), verdict.Verdict.ToText(), verdict.Fault?.Kind,
            verdict.Score, verdict.Threshold, verdict.PValue, verdict.Bank?.Id, verdict.Bank?.Version, verdict.TimingsMs.Total, "mrfad/v1/plant/line1/press/" + verdict.Camera + "/verdict",
            JsonSerializer.Serialize(verdict, MessageJson.Default.VerdictMessage), verdict.Part,
        ];
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
