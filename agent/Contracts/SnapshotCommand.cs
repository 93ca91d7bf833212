using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/snapshot</c>.</summary>
[Description("Asks for a picture without a verdict: it comes on the camera's snapshot topic before the reply.")]
public sealed record SnapshotCommand
{
    [Description("The camera; may be absent where the station has only one.")]
    [Length(1, StationTopics.MaxNameLength)]
    public string? Camera { get; init; }
}
