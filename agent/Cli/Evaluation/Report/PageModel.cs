using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation.Report;

/// <summary>The data of the report's page; its script reads it as JSON in snake_case, hence so many members.</summary>
/// <param name="Figures">Columns of the page's tables.</param>
/// <param name="Legend">Picture of the heatmaps' colours from low to high, as a data URI.</param>
public sealed record PageModel(
    string Title,
    string Method,
    IReadOnlyList<Figure> Figures,
    string Legend,
    [property: JsonPropertyName("facts")] IReadOnlyList<RunParameter> Parameters,
    IReadOnlyList<VariantResult> Mean,
    IReadOnlyList<string> Problems,
    IReadOnlyList<PageObject> Objects,
    RunComparison? Comparison);
