using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

[Description("A camera from which views of a part are missing.")]
public sealed record MissingView
{
    [Length(1, StationTopics.MaxNameLength)]
    public required string Camera { get; init; }

    [Description("The number of its looks at the part that are missing.")]
    [Range(1, int.MaxValue)]
    public required int Looks { get; init; }
}
