namespace MrfAd.Cli.Evaluation.Report;

/// <summary>Everything that the report's page shows; its script reads it as JSON, snake_case.</summary>
/// <param name="Figures">The columns of its tables.</param>
/// <param name="Legend">The heatmaps' colours from low to high, as a data URI.</param>
public sealed record PageModel(
    string Title,
    string Method,
    IReadOnlyList<Figure> Figures,
    string Legend,
    IReadOnlyList<Fact> Facts,
    IReadOnlyList<VariantResult> Mean,
    IReadOnlyList<string> Problems,
    IReadOnlyList<PageObject> Objects,
    RunComparison? Comparison);
