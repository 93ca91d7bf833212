using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace MrfAd.Contracts;

public sealed record VerdictFrame
{
    [Range(1, int.MaxValue)]
    public required int WidthPx { get; init; }

    [Range(1, int.MaxValue)]
    public required int HeightPx { get; init; }

    [Description("The name of the file for a folder or a video, otherwise that of the camera.")]
    public required string Source { get; init; }
}
