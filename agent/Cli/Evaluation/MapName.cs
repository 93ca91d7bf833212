using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation;

/// <summary>Identifies one of a method's maps by its layer and scale; null where the method has none. Where features have several shapes, the layer's name ends with that of the shape, such as "stage2.unit".</summary>
public sealed record MapName(string? Layer, double? Scale)
{
    /// <summary>The name of the bank's branch, such as "stage2.0.3".</summary>
    [JsonIgnore]
    public string Text => string.Join('.', new[] { Layer, Scale is { } s ? FormattableString.Invariant($"{s}") : null }.OfType<string>()) is { Length: > 0 } text ? text : "map";
}
