using System.ComponentModel;

namespace MrfAd.Contracts;

/// <summary>The result of <c>cmd/product</c>.</summary>
[Description("The product that is active now.")]
public sealed record ProductResult
{
    [Description("The cameras for which it is active by this command.")]
    public required IReadOnlyList<string> Cameras { get; init; }

    public required string Product { get; init; }
}
