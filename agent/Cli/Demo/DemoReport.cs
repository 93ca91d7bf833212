using System.Globalization;
using MrfAd.Cli.Demo.Page;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Pages;
using MrfAd.Station.Runtime;

namespace MrfAd.Cli.Demo;

/// <summary>Writes the HTML page of a finished demo.</summary>
public sealed class DemoReport(
    DemoOptions options, InspectionDataset dataset, LearnResult bank, TimeSpan learned, IReadOnlyList<JudgedPart> judged, TimeProvider clock)
{
    // Sides in pixels. Phones and wall screens show no more than this, and heatmaps are smooth.
    private const int PictureSide = 800;
    private const int HeatmapSide = 400;

    private readonly BankDescription _bank = bank.Description;

    /// <returns>The path of the page.</returns>
    public string Write(DemoFolder folder)
    {
        var scale = _bank.Calibration.HeatmapScale;
        HtmlPage.Write(folder.Page, "DemoPage.html", new PageRun(
            $"{judged.Count} parts judged over MQTT",
            options.Dataset is null
                ? "MrfAd.Edge demo: generated flanges, bank learned from good parts alone"
                : $"MrfAd.Edge demo: {Path.GetFileName(dataset.Folder)}, bank learned from good parts alone",
            _bank.Images,
            learned.TotalSeconds,
            _bank.Calibration.Threshold,
            scale.Low,
            scale.High,
            PagePicture.DataUri(PagePicture.Legend(), "png"),
            Parameters(),
            [.. judged.Select((part, index) => Part(folder, part, index))]));
        return folder.Page;
    }

    private List<PageParameter> Parameters() =>
    [
        new("Encoder", $"{_bank.EncoderId}: {string.Join(", ", _bank.Layers)}"),
        new("Scales", string.Join(", ", _bank.Views.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Width}×{v.Height}")))),
        new("Bank", string.Create(CultureInfo.InvariantCulture, $"{_bank.Id} v{_bank.Version}, {_bank.Images} images of {_bank.ImageWidth}×{_bank.ImageHeight}, {bank.Bytes / 1e6:0} MB")),
        new("Target of false alarms (false rejects)", string.Create(CultureInfo.InvariantCulture, $"{_bank.Calibration.FalseAlarmsWanted:0.#} in 1000 good parts")),
        new("Expected false alarms (false rejects)", string.Create(CultureInfo.InvariantCulture, $"{_bank.Calibration.FalseAlarmsLow:0} to {_bank.Calibration.FalseAlarmsHigh:0} in 1000 (95 % confidence, from {_bank.Calibration.Scores.Count} held-out parts)")),
        new("Parts", options.Dataset is null ? $"generated, seed {options.Seed}" : dataset.Folder),
        new("Agent", $"mrfad {AgentVersion.Current}, {Environment.ProcessorCount} processors"),
        new("Made", clock.GetLocalNow().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
    ];

    private PagePart Part(DemoFolder folder, JudgedPart judged, int index)
    {
        var (part, verdict) = (judged.Part, judged.Verdict);
        var (picture, width, height) = Picture(folder, part, index);
        return new PagePart(
            part.Name,
            part.Kind,
            part.IsDefective,
            Path.GetRelativePath(dataset.Folder, part.Path),
            picture,
            Heatmap(folder, judged, index),
            Outline(part),
            width,
            height,
            verdict.Verdict.ToText(),
            verdict.Reason,
            verdict.Score,
            verdict.PValue,
            verdict.Regions.Count,
            judged.Latency.TotalMilliseconds,
            new PageTimings(verdict.TimingsMs.Decode, verdict.TimingsMs.Features, verdict.TimingsMs.Search, verdict.TimingsMs.Fuse, verdict.TimingsMs.Total));
    }

    private static (string Url, int Width, int Height) Picture(DemoFolder folder, DemoPart part, int index)
    {
        try
        {
            using var image = ImageCodec.Read(part.Path);
            return (Save(folder, $"{index:00000}.jpg", PagePicture.Jpeg(image, PictureSide)), image.Width, image.Height);
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            // The verdict is INVALID and gives the reason; the page shows an empty square.
            return ("data:,", 1, 1);
        }
    }

    private static string? Heatmap(DemoFolder folder, JudgedPart judged, int index)
    {
        if (judged.Heatmap is null)
            return null;
        using var heatmap = ImageCodec.Decode(judged.Heatmap, $"the heatmap of {judged.Part.Name}");
        return Save(folder, $"{index:00000}-heatmap.png", PagePicture.Png(heatmap, HeatmapSide));
    }

    private static string? Outline(DemoPart part)
    {
        if (part.Mask is null)
            return null;
        using var mask = ImageCodec.Read(part.Mask);
        // The tolerance keeps a crack visible.
        return MaskOutline.Trace(mask, Math.Max(2, mask.Width / 128));
    }

    private static string Save(DemoFolder folder, string name, byte[] bytes)
    {
        UserFiles.WriteBytes(Path.Combine(folder.Pictures, name), bytes);
        return $"pictures/{name}";
    }
}
