using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation;

/// <summary>Identifies one of a method's maps by its layer and scale; null where the method has none.</summary>
/// <param name="Shape">The name of the features' shape, such as "unit"; null where they have one shape only.</param>
public sealed record MapName(string? Layer, double? Scale, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Shape = null)
{
    /// <summary>The name of the bank's branch, such as "stage2.0.3" or "stage2.unit.0.3".</summary>
    [JsonIgnore]
    public string Text => string.Join('.', new[] { Layer, Shape, Scale is { } s ? FormattableString.Invariant($"{s}") : null }.OfType<string>()) is { Length: > 0 } text ? text : "map";
}
