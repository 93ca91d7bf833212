using System.Globalization;
using System.Text;

namespace MrfAd.Cli.Evaluation.Report;

/// <summary>Formats the figures of a run as text.</summary>
public static class ResultTables
{
    /// <summary>Returns CSV with a row for each object and variant.</summary>
    public static string Csv(RunResult result)
    {
        var text = new StringBuilder($"object,variant,resolution,pixel_threshold,{string.Join(',', Figure.All.Select(f => f.Key))}\n");
        foreach (var set in result.Objects)
        {
            foreach (var variant in set.Variants)
                text.AppendLine(string.Join(',', [Quoted(set.Name), Quoted(variant.Name), Quoted(set.Resolution), Number(variant.PixelThreshold, "R"), .. Figure.All.Select(f => Number(Value(variant, f), "R"))]));
        }

        return text.ToString();
    }

    /// <param name="mainOnly">True leaves out all but the main figures, and the pairs of layer and scale.</param>
    public static string Markdown(RunResult result, RunComparison? comparison, bool mainOnly)
    {
        var text = new StringBuilder();
        foreach (var set in result.Objects)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{set.Title}, {result.Method}, maps and masks at {set.Resolution}{(set.MedianMs is { } ms ? FormattableString.Invariant($", {ms:0} ms an image") : "")}\n");
            Table(text, set.Variants, mainOnly);
        }

        if (result.Objects.Count > 1)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"mean of {string.Join(", ", result.Objects.Select(o => o.Name))}\n");
            Table(text, result.Mean(), mainOnly);
        }

        if (comparison is not null)
            Compare(text, comparison);
        if (result.Problems.Any())
            text.AppendLine("could not be read or judged:\n").AppendJoin('\n', result.Problems.Select(p => $"- {p}")).AppendLine();
        return text.ToString().TrimEnd() + '\n';
    }

    private static void Table(StringBuilder text, IReadOnlyList<VariantResult> variants, bool mainOnly)
    {
        var figures = Figure.All.Where(f => f.IsMain || !mainOnly).ToList();
        text.AppendLine(CultureInfo.InvariantCulture, $"| | {string.Join(" | ", figures.Select(f => f.Title))} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"|---|{string.Concat(figures.Select(_ => "---|"))}");
        foreach (var variant in variants.Where(v => !mainOnly || !v.Name.Contains(" at ", StringComparison.Ordinal)))
        {
            var name = variant.Name == Variant.Fused ? $"**{variant.Name}**" : variant.Name;
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", figures.Select(f => Number(Value(variant, f), "0.000") is { Length: > 0 } n ? n : "–"))} |");
        }

        text.AppendLine();
    }

    private static void Compare(StringBuilder text, RunComparison comparison)
    {
        foreach (var set in comparison.Objects)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{set.Name}: {comparison.Now} now, {comparison.Before} before\n\n| | before | now | change |\n|---|---|---|---|");
            foreach (var f in set.Figures)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {f.Key} | {f.Before:0.000} | {f.Now:0.000} | {f.Now - f.Before:+0.000;-0.000;0.000} |");
            text.AppendLine(CultureInfo.InvariantCulture, $"\n{set.Better.Count} images better, {set.Worse.Count} worse, {set.Same} the same{(set.Unmatched > 0 ? $", {set.Unmatched} in one run only" : "")}");
            foreach (var (word, changes) in new[] { ("better", set.Better), ("worse", set.Worse) })
            {
                foreach (var c in changes)
                {
                    var overlap = c is { AuProBefore: { } before, AuProNow: { } now } ? FormattableString.Invariant($", AU-PRO_0.3 {before:0.000} → {now:0.000}") : "";
                    var verdict = c.VerdictBefore != c.VerdictNow ? $", {c.VerdictBefore ?? "no threshold"} → {c.VerdictNow ?? "no threshold"}" : "";
                    text.AppendLine(CultureInfo.InvariantCulture, $"- {word}: {c.Name}, rank {c.RankBefore:0.000} → {c.RankNow:0.000}{overlap}{verdict}");
                }
            }

            text.AppendLine();
        }

        foreach (var (names, which) in new[] { (comparison.OnlyBefore, "before"), (comparison.OnlyNow, "now") })
        {
            if (names.Count > 0)
                text.AppendLine(CultureInfo.InvariantCulture, $"only {which}: {string.Join(", ", names)}\n");
        }
    }

    private static double? Value(VariantResult variant, Figure figure) => variant.Figures.TryGetValue(figure.Key, out var value) ? value : null;

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static string Quoted(string cell) => cell.AsSpan().ContainsAny(',', '"') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
