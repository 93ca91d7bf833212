namespace MrfAd.Cli.Demo.Page;

/// <summary>One part on the page; its script reads it as JSON, hence so many members.</summary>
/// <param name="File">Path of the test image, relative to the dataset.</param>
/// <param name="Picture">Relative URL of the picture.</param>
/// <param name="Heatmap">Relative URL of the heatmap; null if there is none.</param>
/// <param name="Outline">Outline of the ground truth mask, an SVG path in the image's pixels; null without a mask.</param>
/// <param name="Verdict">The verdict as in the message: OK, NG, INVALID or TIMEOUT.</param>
/// <param name="LatencyMs">Milliseconds from the publish of the trigger to the arrival of the verdict; null if none arrived.</param>
public sealed record PagePart(
    string Name,
    string Kind,
    bool Defective,
    string File,
    string Picture,
    string? Heatmap,
    string? Outline,
    int WidthPx,
    int HeightPx,
    string Verdict,
    string? Reason,
    float? Score,
    double? PValue,
    int Regions,
    double? LatencyMs,
    PageTimings? TimingsMs);
