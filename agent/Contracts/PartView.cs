using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("A view of a part.")]
public sealed record PartView
{
    [Length(1, StationTopics.MaxNameLength)]
    public required string Camera { get; init; }

    [Description("The id of the view's own verdict.")]
    public required Guid VerdictId { get; init; }

    [Description("The sequence number of the view's own verdict among those of its camera.")]
    [Range(1, long.MaxValue)]
    public required long Seq { get; init; }

    [Description("The time of the view's trigger.")]
    public required DateTimeOffset At { get; init; }

    public required Verdict Verdict { get; init; }

    [Description("Null where no image was judged.")]
    public float? Score { get; init; }
}
