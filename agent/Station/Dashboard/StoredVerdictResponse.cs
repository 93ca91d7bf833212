using System.ComponentModel;
using System.Text.Json.Nodes;
using MrfAd.Station.History;

namespace MrfAd.Station.Dashboard;

/// <summary>All that is kept of one part.</summary>
internal sealed record StoredVerdictResponse
{
    [Description("The verdict message as it was published.")]
    public required JsonNode Verdict { get; init; }

    [Description("The hottest spots of an NG part with the normal patches nearest to them; null where none were kept.")]
    public required JsonNode? Explanation { get; init; }

    [Description("The kinds of pictures that are kept: frame, heatmap.")]
    public required IReadOnlyList<string> Pictures { get; init; }

    [Description("What people said of the part, the newest first.")]
    public required IReadOnlyList<PartLabel> Labels { get; init; }
}
