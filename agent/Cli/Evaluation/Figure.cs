using MrfAd.Engine.Metrics;

namespace MrfAd.Cli.Evaluation;

/// <summary>A column of the result tables, such as AU-PRO_0.05; <see cref="All"/> lists them in order.</summary>
/// <param name="Key">Name in JSON and CSV.</param>
/// <param name="Title">Name in the head of a table.</param>
/// <param name="IsMain">True if the column is also shown in short tables.</param>
public sealed record Figure(string Key, string Title, bool IsMain = false)
{
    public static Figure SegF1 { get; } = new("seg_f1", "SegF1");

    public static Figure ClassF1 { get; } = new("class_f1", "ClassF1");

    public static Figure AuPro { get; } = new("au_pro_0.05", "AU-PRO_0.05", IsMain: true);

    public static Figure ImageAuroc { get; } = new("image_auroc_max", "image AUROC (max)", IsMain: true);

    private static readonly (Figure Figure, Func<ScoreCurve, double> Of)[] Pixels =
    [
        (AuPro, c => c.AuPro(0.05)),
        (new("au_pro_0.3", "AU-PRO_0.3"), c => c.AuPro(0.3)),
        (new("au_roc_0.05_plain", "AU-ROC_0.05 plain", IsMain: true), c => c.AuRoc(0.05)),
        (new("au_roc_0.05_mcclish", "AU-ROC_0.05 McClish"), c => c.AuRocMcClish(0.05)),
        (new("pixel_auroc", "pixel AUROC", IsMain: true), c => c.AuRoc()),
        (new("pixel_ap", "pixel AP"), c => c.AveragePrecision),
        (new("pixel_best_f1", "pixel best F1"), c => c.BestF1),
    ];

    private static readonly (Figure Figure, Func<ScoreCurve, double> Of)[] ByMax =
    [
        (ImageAuroc, c => c.AuRoc()),
        (new("image_ap_max", "image AP (max)"), c => c.AveragePrecision),
        (new("image_best_f1_max", "image best F1 (max)"), c => c.BestF1),
    ];

    private static readonly (Figure Figure, Func<ScoreCurve, double> Of)[] ByTop =
    [
        (new("image_auroc_top1pct", "image AUROC (top 1 %)", IsMain: true), c => c.AuRoc()),
        (new("image_ap_top1pct", "image AP (top 1 %)"), c => c.AveragePrecision),
        (new("image_best_f1_top1pct", "image best F1 (top 1 %)"), c => c.BestF1),
    ];

    public static IReadOnlyList<Figure> All { get; } = [.. new[] { Pixels, ByMax, ByTop }.SelectMany(group => group.Select(f => f.Figure)), SegF1, ClassF1];

    public static IEnumerable<(string Key, double Value)> OfPixels(ScoreCurve curve) => Pixels.Select(f => (f.Figure.Key, f.Of(curve)));

    public static IEnumerable<(string Key, double Value)> OfImages(ScoreCurve byMax, ScoreCurve byTop) =>
        [.. ByMax.Select(f => (f.Figure.Key, f.Of(byMax))), .. ByTop.Select(f => (f.Figure.Key, f.Of(byTop)))];
}
