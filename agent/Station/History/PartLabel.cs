using System.ComponentModel;

namespace MrfAd.Station.History;

/// <summary>The judgement of a person about a part; it never alters the verdict.</summary>
public sealed record PartLabel
{
    public required Guid VerdictId { get; init; }

    [Description("good, bad or unsure")]
    public required string Label { get; init; }

    [Description("Who said so.")]
    public required string By { get; init; }

    public string? Note { get; init; }

    public required DateTimeOffset At { get; init; }

    [Description("Where the part was shown: 'ng', 'doubtful' or 'sample' of the review, or 'history', where somebody picked it.")]
    public string? Queue { get; init; }
}
