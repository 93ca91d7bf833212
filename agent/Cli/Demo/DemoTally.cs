using System.Globalization;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using Spectre.Console;

namespace MrfAd.Cli.Demo;

/// <summary>Counts the outcomes of the parts judged so far.</summary>
public sealed class DemoTally(IReadOnlyList<JudgedPart> judged)
{
    public int Count(Outcome outcome) => judged.Count(j => j.Outcome == outcome);

    public int Defective => judged.Count(j => j.Part.IsDefective);

    public int Good => judged.Count - Defective;

    /// <summary>Returns the words that an operator reads for an outcome.</summary>
    public static string Text(Outcome outcome) => outcome switch
    {
        Outcome.FalseAlarm => "false alarm",
        Outcome.NotJudged => "not judged",
        _ => outcome.ToString().ToLowerInvariant(),
    };

    /// <returns>The times in milliseconds, summed up; null if no part was judged.</returns>
    public LatencySummary? Summary(Func<JudgedPart, double> time)
    {
        var times = judged.Where(j => j.Verdict.Score is not null).Select(time).ToList();
        return times.Count > 0 ? new LatencySummary(times) : null;
    }

    /// <returns>The median in milliseconds; null if no part was judged.</returns>
    public double? Median(Func<JudgedPart, double> time) => Summary(time)?.P50;

    private LatencySummary? Latency => Summary(j => j.Latency.TotalMilliseconds);

    /// <summary>Returns lines of text: the outcomes, the median times of the stages, and the times from trigger to verdict.</summary>
    public IEnumerable<string> Lines()
    {
        var notJudged = Count(Outcome.NotJudged);
        yield return $"{Count(Outcome.Found)} of {Defective} defective parts found, {Count(Outcome.FalseAlarm)} false alarms on {Good} good parts"
            + (notJudged > 0 ? $", {notJudged} not judged" : "");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"median ms: decode {Median(j => j.Verdict.TimingsMs.Decode):0.0}, features {Median(j => j.Verdict.TimingsMs.Features):0}, search {Median(j => j.Verdict.TimingsMs.Search):0}, fuse {Median(j => j.Verdict.TimingsMs.Fuse):0.0}");
        if (Latency is { } latency)
            yield return $"trigger to verdict: {latency.Claim(2 * latency.P50)}";
    }

    /// <summary>Returns the same counts and times, and the verdict of each part, as an object to write as JSON.</summary>
    public object JsonSummary(string page) => new
    {
        Page = page,
        Parts = judged.Count,
        Defective,
        Found = Count(Outcome.Found),
        Missed = Count(Outcome.Missed),
        Good,
        FalseAlarms = Count(Outcome.FalseAlarm),
        NotJudged = Count(Outcome.NotJudged),
        MedianMs = new
        {
            Decode = Median(j => j.Verdict.TimingsMs.Decode),
            Features = Median(j => j.Verdict.TimingsMs.Features),
            Search = Median(j => j.Verdict.TimingsMs.Search),
            Fuse = Median(j => j.Verdict.TimingsMs.Fuse),
            TriggerToVerdict = Latency?.P50,
        },
        TriggerToVerdictMs = Latency is { } latency ? new { latency.P50, latency.P99, latency.Max } : null,
        Results = judged.Select(j => new { j.Part.Name, j.Part.Kind, j.Outcome, Verdict = j.Verdict.Verdict.ToText(), j.Verdict.Score, j.Verdict.Threshold }),
    };

    /// <summary>Returns a table with a row for each kind of part, good parts first.</summary>
    public Table Kinds()
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("kind", "parts", "right", "wrong", "score, lowest to highest");
        for (var i = 1; i < 4; i++)
            table.Columns[i].RightAligned();
        foreach (var kind in judged.GroupBy(j => j.Part.Kind).OrderBy(k => k.Key != InspectionDataset.Good).ThenBy(k => k.Key, StringComparer.Ordinal))
        {
            var right = kind.Count(j => j.Outcome is Outcome.Found or Outcome.Passed);
            var wrong = kind.Count() - right;
            var scores = kind.Where(j => j.Verdict.Score is not null).Select(j => j.Verdict.Score!.Value).ToList();
            table.AddRow(
                Markup.Escape(kind.Key),
                Number(kind.Count()),
                Number(right),
                wrong > 0 ? $"[yellow]{Number(wrong)}[/]" : "0",
                scores.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $"{scores.Min():0.00} – {scores.Max():0.00}") : "");
        }

        return table;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
