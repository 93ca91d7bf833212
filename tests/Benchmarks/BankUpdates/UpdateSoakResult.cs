using MrfAd.Contracts;

namespace MrfAd.Benchmarks.BankUpdates;

/// <summary>The results of an update soak: the line's verdicts, and the durations of the updates.</summary>
public sealed record UpdateSoakResult
{
    public required UpdateSoakOptions Options { get; init; }

    /// <summary>The error that ended the soak early; null if it ran to its end.</summary>
    public string? Failure { get; init; }

    public long Bytes { get; init; }

    /// <summary>Duration of a plain copy of the file on this disk, synced.</summary>
    public TimeSpan Copy { get; init; }

    /// <summary>Duration of the update without kills, from the start of the sender to "accepted".</summary>
    public TimeSpan Quiet { get; init; }

    /// <summary>Duration of the transfer without kills, until all chunks have arrived.</summary>
    public TimeSpan QuietTransfer { get; init; }

    /// <summary>Duration of the update with all kills.</summary>
    public TimeSpan Killed { get; init; }

    public int StationKills { get; init; }

    public int SenderKills { get; init; }

    /// <summary>Number of chunks that the station asked for in the update with kills.</summary>
    public long Asked { get; init; }

    public long Chunks { get; init; }

    /// <summary>Number of triggered parts.</summary>
    public int Triggers { get; init; }

    /// <summary>The verdicts after de-duplication by id, in the order of their sequence numbers.</summary>
    public IReadOnlyList<VerdictMessage> Verdicts { get; init; } = [];

    public int Lost => Triggers - Verdicts.Select(v => v.Trigger.Id).Distinct().Count();

    /// <summary>Number of frames that were in the station when it was killed; their verdicts say that they were interrupted.</summary>
    public int NotJudged => Verdicts.Count(v => v.Bank is null);

    /// <summary>Number of frames that were not judged for another reason than a kill.</summary>
    public int Unexplained => Verdicts.Count(v => v.Bank is null && (StationKills == 0 || v.Reason is not ("the agent was restarted before the image was judged" or "the station is still preparing")));

    /// <summary>Number of verdicts by an older bank than an earlier verdict, or by another bank than the one of that version.</summary>
    public int Mixed => Judged.Zip(Judged.Skip(1)).Count(p => p.Second.Bank!.Version < p.First.Bank!.Version)
        + Judged.GroupBy(v => v.Bank!.Version).Count(g => g.Select(v => v.Bank!.Sha256).Distinct().Count() > 1);

    /// <summary>Median of the time between the ends of two frames, in milliseconds.</summary>
    public double FrameMs => Gaps.Order().ElementAtOrDefault(Gaps.Count / 2);

    /// <summary>Milliseconds between the last frame by the old bank and the first by the new one; the longer of both updates.</summary>
    public double SwapMs => Judged.Zip(Judged.Skip(1)).Where(p => p.Second.Bank!.Version > p.First.Bank!.Version).Select(p => End(p.Second) - End(p.First)).DefaultIfEmpty(double.NaN).Max();

    public bool IsPassed => Failure is null && Lost == 0 && Mixed == 0 && Unexplained == 0 && SenderKills + StationKills == Options.Kills
        && Judged.Select(v => v.Bank!.Version).Distinct().SequenceEqual([1, 2, 3]);

    /// <summary>True if the swap of the banks delayed no frame by more than one frame time.</summary>
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
