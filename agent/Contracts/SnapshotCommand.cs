using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

/// <summary>The payload of <c>cmd/snapshot</c>.</summary>
[Description("Asks for a picture without a verdict: it comes on the camera's snapshot topic before the reply.")]
public sealed record SnapshotCommand
{
    [Description("May be absent where the station has one camera.")]
    [Length(1, StationTopics.LongestName)]
    public string? Camera { get; init; }
}
