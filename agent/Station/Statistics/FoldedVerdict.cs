using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;

namespace MrfAd.Station.Statistics;

/// <summary>The values of one stored verdict that the statistics count.</summary>
internal sealed partial record FoldedVerdict
{
    /// <summary>The columns that <see cref="Read"/> wants.</summary>
    public const string Columns = "number, at, camera, coalesce(product, ''), verdict, cause, score, threshold, bank_id, bank_version, message";

    // A sentence longer than this is cut: causes are compared as a whole.
    private const int MaxCause = 80;

    public required long Number { get; init; }

    public required long At { get; init; }

    public required QuarterKey Key { get; init; }

    public required string Verdict { get; init; }

    /// <summary>The cause of an INVALID or TIMEOUT; empty for other verdicts.</summary>
    public required string Cause { get; init; }

    public required double? Score { get; init; }

    public required double? Threshold { get; init; }

    /// <summary>The bank and threshold that judged.</summary>
    public required string Phase { get; init; }

    /// <summary>The message; null where another version of the agent wrote one that cannot be read.</summary>
    public required VerdictMessage? Message { get; init; }

    public bool IsNg => Verdict == "NG";

    public static FoldedVerdict Read(SqliteDataReader row)
    {
        var message = Parse(row.GetString(10));
        var (at, verdict) = (row.GetInt64(1), row.GetString(4));
        double? threshold = row.IsDBNull(7) ? null : row.GetDouble(7);
        return new FoldedVerdict
        {
            Number = row.GetInt64(0),
            At = at,
            Key = new QuarterKey(at / QuarterKey.Length, row.GetString(2), row.GetString(3)),
            Verdict = verdict,
            Cause = verdict is "OK" or "NG" or "COLLECTING" ? "" : row.IsDBNull(5) ? CauseIn(message?.Reason) : row.GetString(5),
            Score = row.IsDBNull(6) ? null : row.GetDouble(6),
            Threshold = threshold,
            Phase = row.IsDBNull(8) ? "" : FormattableString.Invariant($"{row.GetString(8)} version {row.GetInt64(9)}, threshold {threshold:0.####}"),
            Message = message,
        };
    }

    /// <summary>Makes a cause of a sentence: numbers differ from part to part and are no cause of their own.</summary>
    private static string CauseIn(string? reason)
    {
        if (string.IsNullOrEmpty(reason))
            return "unknown";
        var text = Digits().Replace(reason, "#");
        return text.Length <= MaxCause ? text : text[..MaxCause] + "…";
    }

    private static VerdictMessage? Parse(string message)
    {
        try
        {
            return JsonSerializer.Deserialize(message, MessageJson.Default.VerdictMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\d+([.,]\d+)?")]
    private static partial Regex Digits();
}
