namespace MrfAd.Cli.Evaluation.Report;

/// <summary>The pictures of one image, as data URIs.</summary>
/// <param name="Index">Index into the object's images.</param>
/// <param name="Outline">Outline of the ground truth mask, an SVG path in the image's pixels; null without a mask.</param>
/// <param name="Fused">Heatmap of the fused map.</param>
/// <param name="Scales">Heatmap of each scale alone with the name of its variant, in the same colours.</param>
public sealed record PageImage(int Index, string Picture, string? Outline, string Fused, IReadOnlyList<PageMap> Scales);
