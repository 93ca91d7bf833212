using MrfAd.Contracts;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>The results of a delivery soak.</summary>
public sealed record SoakResult
{
    public required SoakOptions Options { get; init; }

    /// <summary>The error that ended the soak early; null if it ran to its end.</summary>
    public string? Failure { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int AgentKills { get; init; }

    public required int BrokerKills { get; init; }

    public required int Cuts { get; init; }

    public required int Slow { get; init; }

    public required int DiskFull { get; init; }

    /// <summary>The time in which the disk was full.</summary>
    public required TimeSpan FullFor { get; init; }

    /// <summary>Number of times that the state folder was read-only.</summary>
    public required int ReadOnly { get; init; }

    /// <summary>True if the agent reported that the disk was full and that it kept verdicts in memory.</summary>
    public required bool InMemory { get; init; }

    /// <summary>The verdicts after de-duplication by id.</summary>
    public required IReadOnlyList<VerdictMessage> Verdicts { get; init; }

    public required int Messages { get; init; }

    public required int Historical { get; init; }

    public required IReadOnlyList<string> OutOfOrder { get; init; }

    public required int Contradictions { get; init; }

    public required int Replays { get; init; }

    public required int ReplayedSeqs { get; init; }

    public required int Unacknowledged { get; init; }

    public required int Unanswered { get; init; }

    public int Lost => Expected.Except(Verdicts.Select(v => v.Trigger.Id)).Count();

    public int Invented => Verdicts.Select(v => v.Trigger.Id).Except(Expected).Count() + Contradictions;

    /// <summary>Number of verdicts that do not name the product of their trigger, or are not that of its model: the part that the frame shows is good by its own product alone.</summary>
    public int ByAnother => Verdicts.Count(v => v.Product != Options.ProductOf(v.Trigger.Id)
        || (v is { Product: { } product, Frame: { } frame, Verdict: Verdict.Ok or Verdict.Ng } && (v.Bank!.Id != product || v.Verdict == Verdict.Ok != (frame.Source == $"{product}.png"))));

    public bool IsPassed => Failure is null && Verdicts.Count == Options.Triggers && Lost == 0 && ByAnother == 0 && Invented == 0 && OutOfOrder.Count == 0
        && Verdicts.Select(v => v.Seq).Order().SequenceEqual(Enumerable.Range(1, Options.Triggers).Select(i => (long)i))
        && AgentKills == Options.Kills + ReadOnly && BrokerKills == Options.Kills;

    /// <summary>The time of judging a part after one of the same product, and after one of another.</summary>
    private string Changeover
    {
        get
        {
            var inOrder = Verdicts.Where(v => v.Verdict is Verdict.Ok or Verdict.Ng).OrderBy(v => v.Seq).ToList();
            var times = inOrder.Zip(inOrder.Skip(1)).ToLookup(pair => pair.First.Product == pair.Second.Product, pair => pair.Second.TimingsMs.Total - pair.Second.TimingsMs.Queue);
            return string.Join(", ", ((bool[])[true, false]).Select(same => FormattableString.Invariant($"{(same ? "the same" : "another")} product before: p50 {At(times[same], 0.5):0.0} ms, p99 {At(times[same], 0.99):0.0} ms")));

            static double At(IEnumerable<double> values, double share) => values.Order().ToList() is { Count: > 0 } all ? all[(int)(share * (all.Count - 1))] : double.NaN;
        }
    }

    private IEnumerable<string> Expected => Enumerable.Range(1, Options.Triggers).Select(SoakLine.PartId);

    public override string ToString() => FormattableString.Invariant($"""
        {(IsPassed ? "passed" : "FAILED")}{(Failure is null ? "" : $": {Failure}")} (seed {Options.Seed}, {Duration.TotalSeconds:0} s)
        triggers                            {Options.Triggers}
        verdicts after de-duplication by id {Verdicts.Count}: {string.Join(", ", Verdicts.GroupBy(v => v.Verdict).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToText()}"))}
        lost                                {Lost}
        invented                            {Invented}
        out of order                        {OutOfOrder.Count}{string.Concat(OutOfOrder.Select(o => $"; {o}"))}
        judged by another product           {(Options.Products.Count == 0 ? "(no products)" : $"{ByAnother}; {Changeover}")}
        agent killed                        {AgentKills} times
        broker killed                       {BrokerKills} times
        line cut / slow                     {Cuts} / {Slow} times
        disk full                           {(Options.Fills == 0 ? "not tried" : DiskFull == 0 ? "no (a small disk cannot be mounted here)" : $"{DiskFull} times, {FullFor / Duration:p0} of the time; {(InMemory ? "verdicts were kept in memory meanwhile" : "older pictures and sent verdicts made room")}")}
        state folder read-only              {ReadOnly} times
        verdict messages received           {Messages}, of the first ones {Historical} historical
        triggers sent again                 {Unacknowledged} without an acknowledgement, {Unanswered} without a verdict
        gaps closed by cmd/replay           {ReplayedSeqs} verdicts in {Replays} commands (the broker had acknowledged and lost them)
        """);
}
