using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation;

/// <summary>The results of a run, stored as <c>run.json</c>.</summary>
/// <param name="Parameters">Names and values that are needed to repeat the run.</param>
/// <param name="Failures">A text for each object that could not be learned, with the reason.</param>
public sealed record RunResult(string Format, string Method, [property: JsonPropertyName("facts")] IReadOnlyList<RunParameter> Parameters, IReadOnlyList<ObjectResult> Objects, IReadOnlyList<string> Failures)
{
    public const string CurrentFormat = "mrfad-evaluation/1";

    [JsonIgnore]
    public IEnumerable<string> Problems => [.. Failures, .. Objects.SelectMany(o => o.Problems)];

    /// <returns>The unweighted mean over the objects of each variant that all have; a figure that one object lacks has no mean.</returns>
    public IReadOnlyList<VariantResult> Mean() =>
    [
        .. from variant in Objects[0].Variants
           let all = Objects.Select(o => o.Variants.FirstOrDefault(v => v.Name == variant.Name)).ToList()
           where !all.Contains(null)
           let figures = Figure.All.Where(f => all.TrueForAll(v => v!.Figures.ContainsKey(f.Key))).ToDictionary(f => f.Key, f => all.Average(v => v!.Figures[f.Key]))
           select new VariantResult(variant.Name, figures, null, []),
    ];
}
