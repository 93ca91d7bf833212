using System.Text;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Datasets;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Metrics;
using MrfAd.Platform;
using MrfAd.Station.Pages;

namespace MrfAd.Cli.Evaluation.Report;

/// <summary>Writes a run's results: JSON, CSV, Markdown and an HTML page.</summary>
public static class RunReport
{
    public const string PageName = "report.html";

    // Side in pixels: large enough to see a defect; the page embeds every picture.
    private const int PictureSide = 420;
    private const int FusedSide = 240;
    private const int ScaleSide = 120;
    private const int Quality = 80;

    /// <param name="pictures">Number of images of each object that are shown, the worst first.</param>
    /// <exception cref="IOException">The disk is full or not writable.</exception>
    public static void Write(
        string folder, RunResult result, RunComparison? comparison, IReadOnlyList<DatasetObject> sets, IMapStore store, int pictures, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        RunFile.Write(folder, result);
        AtomicFile.Write(Path.Combine(folder, "results.csv"), Encoding.UTF8.GetBytes(ResultTables.Csv(result)));
        AtomicFile.Write(Path.Combine(folder, "results.md"), Encoding.UTF8.GetBytes(ResultTables.Markdown(result, comparison, mainOnly: false)));
        var objects = result.Objects.Select(o => new PageObject(
            o, o.Title, [.. o.Images.Select(i => i.Outcome(o.ImageThreshold))], Pictures(o, sets.First(s => s.Name == o.Name), store, pictures, progress, cancellation))).ToList();
        HtmlPage.Write(Path.Combine(folder, PageName), "EvaluationPage.html", new PageModel(
            $"{result.Method} on {string.Join(", ", result.Objects.Select(o => o.Name))}", result.Method, Figure.All, PagePicture.DataUri(PagePicture.Legend(), "png"), result.Parameters, result.Mean(), [.. result.Problems], objects, comparison));
    }

    private static List<PageImage> Pictures(ObjectResult result, DatasetObject set, IMapStore store, int pictures, IProgress<LearnProgress>? progress, CancellationToken cancellation)
    {
        var images = set.Test.ToDictionary(t => t.Name);
        var names = result.Maps;
        var shown = new List<PageImage>();
        var worst = WorstFirst(result).Take(pictures).ToList();
        foreach (var index in worst)
        {
            cancellation.ThrowIfCancellationRequested();
            var image = images[result.Images[index].Name];
            using var picture = ImageCodec.Read(image.Path);
            shown.Add(new PageImage(
                index,
                PagePicture.DataUri(PagePicture.Jpeg(picture, PictureSide, Quality), "jpeg"),
                Outline(image, picture),
                Map(result, store, image, names, FusedSide),
                [.. from variant in Variant.Of(names) where variant.IsScale select new PageMap(variant.Name, Map(result, store, image, [.. variant.Maps.Select(m => names[m])], ScaleSide))]));
            progress?.Report(new LearnProgress($"{set.Name}: pictures", shown.Count, worst.Count));
        }

        return shown;
    }

    /// <summary>Sorts misses and false alarms first, and within each the image farthest on the wrong side of the threshold.</summary>
    private static IEnumerable<int> WorstFirst(ObjectResult result)
    {
        if (result.Images.Count == 0)
            return [];
        var threshold = result.ImageThreshold ?? Middle(result.Images);
        return Enumerable.Range(0, result.Images.Count).OrderByDescending(i => result.Images[i] is var image && image.Defective ? threshold - image.Max : image.Max - threshold);
    }

    /// <summary>Returns a substitute for a missing threshold: the middle between the means of both labels.</summary>
    private static double Middle(IReadOnlyList<ImageResult> images) => images.GroupBy(i => i.Defective).Average(label => label.Average(i => (double)i.Max));

    private static string? Outline(DatasetImage image, Image picture)
    {
        if (image.Mask is null || !File.Exists(image.Mask))
            return null;
        try
        {
            using var mask = ImageCodec.Read(image.Mask, ImageLimits.UpTo((double)picture.Width * picture.Height / 1e6, "the size of its image"));
            return MaskOutline.Trace(mask, Math.Max(1, picture.Width / 200));
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            return null; // it is listed among the problems
        }
    }

    private static string Map(ObjectResult result, IMapStore store, DatasetImage image, IReadOnlyList<MapName> names, int side)
    {
        using var maps = new VariantMaps(store, names, [(image, MaskRegions.None(1, 1))]);
        using var picture = Heatmap.Render(maps.Map(0), result.Scale);
        return PagePicture.DataUri(PagePicture.Jpeg(picture, side, Quality), "jpeg");
    }
}
