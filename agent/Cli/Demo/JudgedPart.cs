using MrfAd.Contracts;

namespace MrfAd.Cli.Demo;

/// <summary>A part with the station's verdict.</summary>
/// <param name="Heatmap">Bytes of the heatmap's image file; null if the verdict has none.</param>
/// <param name="Latency">Time from the publish of the trigger to the arrival of the verdict.</param>
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
