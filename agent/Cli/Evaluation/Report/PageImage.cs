namespace MrfAd.Cli.Evaluation.Report;

/// <summary>The pictures of one image, as data URIs.</summary>
/// <param name="Index">In the object's images.</param>
/// <param name="Outline">Of its mask, an SVG path in the image's pixels; null without one.</param>
/// <param name="Fused">Its heatmap.</param>
/// <param name="Scales">The heatmap of each scale alone, by the variant's name; same colours.</param>
public sealed record PageImage(int Index, string Picture, string? Outline, string Fused, IReadOnlyList<PageMap> Scales);
