using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation;

/// <summary>All that a run found: <c>run.json</c>.</summary>
/// <param name="Facts">How to repeat it.</param>
/// <param name="Failures">Objects that could not be learned at all, and why.</param>
public sealed record RunResult(string Format, string Method, IReadOnlyList<Fact> Facts, IReadOnlyList<ObjectResult> Objects, IReadOnlyList<string> Failures)
{
    public const string CurrentFormat = "mrfad-evaluation/1";

    [JsonIgnore]
    public IEnumerable<string> Problems => [.. Failures, .. Objects.SelectMany(o => o.Problems)];

    /// <returns>The unweighted mean over the objects for each variant that all have; a figure that one object lacks has no mean.</returns>
    public IReadOnlyList<VariantResult> Mean() =>
    [
        .. from variant in Objects[0].Variants
           let all = Objects.Select(o => o.Variants.FirstOrDefault(v => v.Name == variant.Name)).ToList()
           where !all.Contains(null)
           let figures = Figure.All.Where(f => all.TrueForAll(v => v!.Figures.ContainsKey(f.Key))).ToDictionary(f => f.Key, f => all.Average(v => v!.Figures[f.Key]))
           select new VariantResult(variant.Name, figures, null, []),
    ];
}
