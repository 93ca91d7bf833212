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

    public required int OutOfOrder { get; init; }

    public required int Contradictions { get; init; }

    public required int Replays { get; init; }

    public required int ReplayedSeqs { get; init; }

    public required int Unacknowledged { get; init; }

    public required int Unanswered { get; init; }

    public int Lost => Expected.Except(Verdicts.Select(v => v.Trigger.Id)).Count();

    public int Invented => Verdicts.Select(v => v.Trigger.Id).Except(Expected).Count() + Contradictions;

    public bool IsPassed => Failure is null && Verdicts.Count == Options.Triggers && Lost == 0 && Invented == 0 && OutOfOrder == 0
        && Verdicts.Select(v => v.Seq).Order().SequenceEqual(Enumerable.Range(1, Options.Triggers).Select(i => (long)i))
        && AgentKills == Options.Kills + ReadOnly && BrokerKills == Options.Kills;

    private IEnumerable<string> Expected => Enumerable.Range(1, Options.Triggers).Select(SoakLine.PartId);

    public override string ToString() => FormattableString.Invariant($"""
        {(IsPassed ? "passed" : "FAILED")}{(Failure is null ? "" : $": {Failure}")} (seed {Options.Seed}, {Duration.TotalSeconds:0} s)
        triggers                            {Options.Triggers}
        verdicts after de-duplication by id {Verdicts.Count}: {string.Join(", ", Verdicts.GroupBy(v => v.Verdict).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToText()}"))}
        lost                                {Lost}
        invented                            {Invented}
        out of order                        {OutOfOrder}
        agent killed                        {AgentKills} times
        broker killed                       {BrokerKills} times
        line cut / slow                     {Cuts} / {Slow} times
        disk full                           {(DiskFull == 0 ? "no (a small disk cannot be mounted here)" : $"{DiskFull} times, {FullFor / Duration:p0} of the time; {(InMemory ? "verdicts were kept in memory meanwhile" : "older pictures and sent verdicts made room")}")}
        state folder read-only              {ReadOnly} times
        verdict messages received           {Messages}, of the first ones {Historical} historical
        triggers sent again                 {Unacknowledged} without an acknowledgement, {Unanswered} without a verdict
        gaps closed by cmd/replay           {ReplayedSeqs} verdicts in {Replays} commands (the broker had acknowledged and lost them)
        """);
}
