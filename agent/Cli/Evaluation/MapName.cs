using System.Text.Json.Serialization;

namespace MrfAd.Cli.Evaluation;

/// <summary>Which of a method's maps: of a layer at a scale, as far as the method knows such.</summary>
public sealed record MapName(string? Layer, double? Scale)
{
    /// <summary>"stage2.0.3", the bank's name of the branch.</summary>
    [JsonIgnore]
    public string Text => string.Join('.', new[] { Layer, Scale is { } s ? FormattableString.Invariant($"{s}") : null }.OfType<string>()) is { Length: > 0 } text ? text : "map";
}
