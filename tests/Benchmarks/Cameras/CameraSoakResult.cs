using System.Globalization;
using MrfAd.Contracts;

namespace MrfAd.Benchmarks.Cameras;

/// <summary>The results of a camera soak.</summary>
/// <param name="WarmUp">Number of triggers before the first of <paramref name="Verdicts"/>.</param>
public sealed record CameraSoakResult(int Triggers, int Kills, int WarmUp, IReadOnlyList<VerdictMessage> Verdicts, TimeSpan Duration)
{
    /// <summary>True if each trigger has its verdict with its number, and all TIMEOUTs name the camera.</summary>
    public bool IsPassed =>
        Verdicts.Select(v => v.Seq).SequenceEqual(Enumerable.Range(WarmUp + 1, Triggers).Select(n => (long)n))
        && Verdicts.Select(v => v.Trigger.Id).SequenceEqual(Enumerable.Range(0, Triggers).Select(n => $"part-{n}"))
        && Verdicts.All(v => v.Verdict == Verdict.Ng || (v.Verdict == Verdict.Timeout && v.Reason!.Contains("gige:", StringComparison.Ordinal)))
        && Verdicts[^1].Verdict == Verdict.Ng
        && Timeouts >= Kills;

    private int Timeouts => Verdicts.Count(v => v.Verdict == Verdict.Timeout);

    public override string ToString()
    {
        // Each TIMEOUT takes its deadline of 1 s; the rest of the duration gives the rate.
        var judging = Duration - TimeSpan.FromSeconds(Timeouts);
        var reasons = Verdicts.Where(v => v.Verdict == Verdict.Timeout).GroupBy(v => v.Reason).Select(g => $"\n    {g.Count()} x {g.Key}");
        var others = Verdicts.Where(v => v.Verdict is not (Verdict.Ng or Verdict.Timeout)).GroupBy(v => v.Reason).Select(g => $"\n    {g.Count()} x INVALID {g.Key}");
        return string.Create(CultureInfo.InvariantCulture, $"""
            {(IsPassed ? "passed" : "FAILED")}: {Triggers} triggers, {Verdicts.Count} verdicts, numbers {Verdicts[0].Seq} to {Verdicts[^1].Seq} after {WarmUp} to warm up
            camera killed and started again {Kills} times: {Timeouts} TIMEOUT{string.Concat(reasons)}{string.Concat(others)}
            {Duration.TotalSeconds:0.0} s, {(Triggers - Timeouts) / judging.TotalSeconds:0.0} verdicts/s between the kills; trigger to verdict p50 {Percentile(0.5):0.0} ms, p99 {Percentile(0.99):0.0} ms
            """);
    }

    private double Percentile(double share)
    {
        var sorted = Verdicts.Where(v => v.Verdict != Verdict.Timeout).Select(v => v.TimingsMs.Total).Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[(int)(share * (sorted.Count - 1))];
    }
}
