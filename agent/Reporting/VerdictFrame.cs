using System.ComponentModel;

namespace MrfAd.Agent.Reporting;

public sealed record VerdictFrame
{
    public required int WidthPx { get; init; }

    public required int HeightPx { get; init; }

    [Description("The file's name for a folder or a video, otherwise the camera's.")]
    public required string Source { get; init; }
}
