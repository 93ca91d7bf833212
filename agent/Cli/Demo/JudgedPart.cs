using MrfAd.Contracts;

namespace MrfAd.Cli.Demo;

/// <summary>A part and what the station said about it.</summary>
/// <param name="Heatmap">An image file's bytes, as they came; null where no image was judged.</param>
/// <param name="Latency">From the trigger's publish to the verdict's arrival.</param>
public sealed record JudgedPart(DemoPart Part, VerdictMessage Verdict, byte[]? Heatmap, TimeSpan Latency)
{
    public Outcome Outcome => (Verdict.Verdict, Part.IsDefective) switch
    {
        (Contracts.Verdict.Ng, true) => Outcome.Found,
        (Contracts.Verdict.Ng, false) => Outcome.FalseAlarm,
        (Contracts.Verdict.Ok, true) => Outcome.Missed,
        (Contracts.Verdict.Ok, false) => Outcome.Passed,
        _ => Outcome.NotJudged,
    };
}
