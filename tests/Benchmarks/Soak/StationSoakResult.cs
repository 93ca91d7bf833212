using MrfAd.Benchmarks.Delivery;
using MrfAd.Contracts;

namespace MrfAd.Benchmarks.Soak;

/// <summary>The results of a station soak.</summary>
public sealed record StationSoakResult
{
    public required StationSoakOptions Options { get; init; }

    /// <summary>The error that ended the soak early; null if it ran to its end.</summary>
    public string? Failure { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>How often each kind of disturbance happened.</summary>
    public required IReadOnlyDictionary<string, int> Disturbances { get; init; }

    /// <summary>The kinds of disturbances that this machine does not have, with the reason.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>The verdicts of the line after de-duplication by id.</summary>
    public required IReadOnlyList<VerdictMessage> Verdicts { get; init; }

    public required IReadOnlyList<string> OutOfOrder { get; init; }

    public required int Contradictions { get; init; }

    /// <summary>The number of triggers that the line sent again.</summary>
    public required int SentAgain { get; init; }

    public required int Replayed { get; init; }

    /// <summary>The number of times that the agent ended although nobody had killed it.</summary>
    public required int UnaskedEnds { get; init; }

    /// <summary>The answers to uploads by their HTTP status; 0 where there was none, as the agent was killed.</summary>
    public required IReadOnlyDictionary<int, int> Uploads { get; init; }

    /// <summary>The largest resident memory of the agent, in bytes.</summary>
    public required long MaxMemory { get; init; }

    /// <summary>The size of the results database at the end, in bytes.</summary>
    public required long DatabaseBytes { get; init; }

    public int Lost => Expected.Except(Verdicts.Select(v => v.Trigger.Id)).Count();

    public int Invented => Verdicts.Select(v => v.Trigger.Id).Except(Expected).Count() + Contradictions;

    public bool IsPassed => Failure is null && Verdicts.Count == Options.Triggers && Lost == 0 && Invented == 0 && OutOfOrder.Count == 0 && UnaskedEnds == 0
        && Verdicts.Select(v => v.Seq).Order().SequenceEqual(Enumerable.Range(1, Options.Triggers).Select(i => (long)i))
        && MaxMemory <= Options.MemoryMb * 1_000_000L;

    private IEnumerable<string> Expected => Enumerable.Range(1, Options.Triggers).Select(SoakLine.PartId);

    public override string ToString() => FormattableString.Invariant($"""
        {(IsPassed ? "passed" : "FAILED")}{(Failure is null ? "" : $": {Failure}")} (seed {Options.Seed}, {Duration.TotalSeconds:0} s)
        triggers                            {Options.Triggers}
        verdicts after de-duplication by id {Verdicts.Count}: {string.Join(", ", Verdicts.GroupBy(v => v.Verdict).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToText()}"))}
        lost                                {Lost}
        invented                            {Invented}
        out of order                        {OutOfOrder.Count}{string.Concat(OutOfOrder.Select(o => $"; {o}"))}
        ends of the agent nobody asked for  {UnaskedEnds}
        largest resident memory             {MaxMemory / 1e6:0} MB (budget {Options.MemoryMb} MB)
        results database                    {DatabaseBytes / 1e6:0.0} MB
        disturbances                        {string.Join(", ", Disturbances.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Value} {d.Key}"))}{string.Concat(Missing.Select(m => $"; no {m}"))}
        triggers sent again                 {SentAgain}
        gaps closed by cmd/replay           {Replayed} verdicts
        uploads by status                   {string.Join(", ", Uploads.OrderBy(u => u.Key).Select(u => $"{u.Value} × {u.Key}"))}
        """);
}
