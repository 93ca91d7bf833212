using MrfAd.Contracts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Outbox;
using MrfAd.Station.Parts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

/// <summary>Puts verdicts into the outbox, with those of the parts that they complete, and raises them as events.</summary>
public sealed class VerdictReporter(StationOutbox outbox, StationMessages messages, PartAssembler parts, VerdictEvents events)
{
    /// <summary>Adds the verdicts of triggers that an earlier run left without one, and goes on with the parts that it left open.</summary>
    public void Begin()
    {
        parts.Open();
        foreach (var trigger in outbox.Interrupted)
            Add(VerdictMessages.Interrupted(trigger, messages.Topics.Station), spots: null, outbox.BeginTrace(trigger), outbox.TimestampOf(trigger.At));
        parts.Begin();
    }

    /// <summary>Adds the verdict of an inspection.</summary>
    public OutboxMessage Add(InspectionReport report)
    {
        var trigger = report.Shot.Trigger;
        return Add(VerdictMessages.From(report, messages.Topics.Station), VerdictMessages.Spots(report), trigger.Trace, trigger.Timestamp);
    }

    /// <summary>Announces that no more verdicts will be added.</summary>
    public void End() => parts.End();

    private OutboxMessage Add(VerdictMessage verdict, string? spots, PartTrace? trace, long triggered)
    {
        trace?.End(verdict);
        var stored = parts.Add(
            verdict, triggered,
            (marked, isView) => outbox.AddVerdict(messages.VerdictHeaders(marked, trace?.Traceparent), marked, StationMessages.Content(marked), spots, isView));
        events.Report(stored.Verdict!);
        return stored;
    }
}
