using System.ComponentModel;

namespace MrfAd.Station.Dashboard;

/// <summary>A label that a person gives a part.</summary>
internal sealed record LabelRequest
{
    public Guid Verdict { get; init; }

    [Description("good, bad or unsure")]
    public string Label { get; init; } = "";

    [Description("Who says so, 1 to 64 characters.")]
    public string By { get; init; } = "";

    [Description("Up to 1000 characters.")]
    public string? Note { get; init; }

    [Description("Where the part was shown: ng, doubtful, sample or history.")]
    public string Queue { get; init; } = "history";
}
