namespace MrfAd.Cli.Demo.Page;

/// <summary>One part on the page.</summary>
/// <param name="File">Of the test image, relative to the dataset.</param>
/// <param name="Picture">Relative URL.</param>
/// <param name="Heatmap">Relative URL, or null where none came.</param>
/// <param name="Outline">Of the true defect, an SVG path in the image's pixels; null without a mask.</param>
/// <param name="Verdict">As in the message: OK, NG, INVALID or TIMEOUT.</param>
/// <param name="LatencyMs">From the trigger's publish to the verdict's arrival; null where none came.</param>
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
