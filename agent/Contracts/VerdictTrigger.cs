using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("The trigger that asked for the image.")]
public sealed record VerdictTrigger
{
    [Description("The id given with the trigger command, or one the station made.")]
    [Length(1, StationTopics.MaxNameLength)]
    public required string Id { get; init; }

    [Description("mqtt, http, gpio, line, interval or free_run; more kinds may come.")]
    public required string Source { get; init; }

    public required DateTimeOffset At { get; init; }
}
