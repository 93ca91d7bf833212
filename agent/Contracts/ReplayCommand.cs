using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/replay</c>.</summary>
[Description("Asks for stored verdicts to be sent once more: they come on the verdict topic, oldest first, as historical. A verdict must meet all given conditions; at least one must be given.")]
public sealed record ReplayCommand
{
    [Description("One verdict, by its id.")]
    public Guid? Id { get; init; }

    [Description("By the id of its trigger.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Trigger { get; init; }

    [Description("Only this camera.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }

    [Description("From this sequence number on; to close a gap, with the camera.")]
    public long? FromSeq { get; init; }

    [Description("Up to this sequence number.")]
    public long? ToSeq { get; init; }

    [Description("Triggered at this time or later.")]
    public DateTimeOffset? From { get; init; }

    [Description("Triggered before this time.")]
    public DateTimeOffset? To { get; init; }
}
