using MrfAd.Contracts;

namespace MrfAd.Benchmarks.BankUpdates;

/// <summary>What became of the line, and of the update.</summary>
public sealed record UpdateSoakResult
{
    public required UpdateSoakOptions Options { get; init; }

    /// <summary>Why it ended before its end; null where it did not.</summary>
    public string? Failure { get; init; }

    public long Bytes { get; init; }

    /// <summary>Of the file, synced: what a plain copy takes here.</summary>
    public TimeSpan Copy { get; init; }

    /// <summary>From the start of the sender to "accepted", nothing killed.</summary>
    public TimeSpan Quiet { get; init; }

    /// <summary>The same until all chunks were there.</summary>
    public TimeSpan QuietTransfer { get; init; }

    /// <summary>With all kills.</summary>
    public TimeSpan Killed { get; init; }

    public int StationKills { get; init; }

    public int SenderKills { get; init; }

    /// <summary>Chunks that were asked for, in the update with kills.</summary>
    public long Asked { get; init; }

    public long Chunks { get; init; }

    /// <summary>Parts that were triggered.</summary>
    public int Triggers { get; init; }

    /// <summary>After de-duplication by id, in the order of their numbers.</summary>
    public IReadOnlyList<VerdictMessage> Verdicts { get; init; } = [];

    public int Lost => Triggers - Verdicts.Select(v => v.Trigger.Id).Distinct().Count();

    /// <summary>Frames in the station when it was killed: each has its verdict, that it was interrupted.</summary>
    public int NotJudged => Verdicts.Count(v => v.Bank is null);

    /// <summary>Of them, those that were not judged for any other reason than the kill.</summary>
    public int Unexplained => Verdicts.Count(v => v.Bank is null && (StationKills == 0 || v.Reason is not ("the agent was restarted before the image was judged" or "the station is still preparing")));

    /// <summary>Verdicts whose bank is older than that of one before, or is not the one of that version.</summary>
    public int Mixed => Judged.Zip(Judged.Skip(1)).Count(p => p.Second.Bank!.Version < p.First.Bank!.Version)
        + Judged.GroupBy(v => v.Bank!.Version).Count(g => g.Select(v => v.Bank!.Sha256).Distinct().Count() > 1);

    /// <summary>Between the ends of two frames, the median of all.</summary>
    public double FrameMs => Gaps.Order().ElementAtOrDefault(Gaps.Count / 2);

    /// <summary>Between the last frame by the old bank and the first by the new one; the longer of both updates.</summary>
    public double SwapMs => Judged.Zip(Judged.Skip(1)).Where(p => p.Second.Bank!.Version > p.First.Bank!.Version).Select(p => End(p.Second) - End(p.First)).DefaultIfEmpty(double.NaN).Max();

    public bool IsPassed => Failure is null && Lost == 0 && Mixed == 0 && Unexplained == 0 && SenderKills + StationKills == Options.Kills
        && Judged.Select(v => v.Bank!.Version).Distinct().SequenceEqual([1, 2, 3]);

    /// <summary>The swap made no frame late by more than one frame time.</summary>
    public bool IsOnTime => SwapMs <= 2 * FrameMs;

    private List<VerdictMessage> Judged => [.. Verdicts.Where(v => v.Bank is not null)];

    private List<double> Gaps => [.. Judged.Zip(Judged.Skip(1)).Where(p => p.Second.Seq == p.First.Seq + 1).Select(p => End(p.Second) - End(p.First))];

    public override string ToString() => FormattableString.Invariant($"""
        {(IsPassed ? IsOnTime ? "passed" : "passed, but LATE at the swap" : "FAILED")}{(Failure is null ? "" : $": {Failure}")} (seed {Options.Seed})
        bank                         {Bytes / 1e6:0.#} MB in {Chunks} chunks
        plain copy, synced           {Copy.TotalSeconds:0.00} s
        update, nothing killed       {Quiet.TotalSeconds:0.00} s, of which transfer {QuietTransfer.TotalSeconds:0.00} s ({QuietTransfer / Copy:0.0} x the copy)
        update with kills            {Killed.TotalSeconds:0.00} s: station {StationKills}, sender {SenderKills} times
        chunks asked for             {Asked} ({(double)Asked / Math.Max(1, Chunks):0.00} x)
        parts triggered              {Triggers}, verdicts {Verdicts.Count}, lost {Lost}, judged by a mixture {Mixed}
        in a station that was killed {NotJudged}{string.Concat(Verdicts.Where(v => v.Bank is null).GroupBy(v => v.Reason).Select(g => $"; {g.Count()} {g.Key}"))}
        frame time                   {FrameMs:0.0} ms (median); across the swap {SwapMs:0.0} ms
        """);

    private static double End(VerdictMessage verdict) => (verdict.Trigger.At - DateTimeOffset.UnixEpoch).TotalMilliseconds + verdict.TimingsMs.Total;
}
