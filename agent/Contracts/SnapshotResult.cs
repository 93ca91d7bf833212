using System.ComponentModel;

namespace MrfAd.Contracts;

[Description("The result of cmd/snapshot.")]
public sealed record SnapshotResult
{
    public required string Camera { get; init; }

    [Description("The topic of the picture; its correlation data are the command's.")]
    public required string Topic { get; init; }

    public required int WidthPx { get; init; }

    public required int HeightPx { get; init; }
}
