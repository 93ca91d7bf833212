using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Agent.Inspection;
using MrfAd.Engine;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad inspect</c>: a verdict for each image, without a camera or a broker.</summary>
public static class InspectCommand
{
    private const int MostSpots = 3;

    public static Command Create(TimeProvider clock)
    {
        var images = new Argument<string[]>("images") { Description = "Images, or folders of them.", Arity = ArgumentArity.ZeroOrMore };
        var bank = new Option<string>("--bank", "-b") { Description = "The bank, or the HLGFA model, to judge by.", HelpName = "FILE", Required = true };
        var encoder = new EncoderOptions();
        var output = new Option<string>("--out", "-o") { Description = "Folder for an overlay PNG of each image.", HelpName = "DIR" };
        var threshold = new Option<float?>("--threshold") { Description = "Judge by this image score instead of the bank's." };
        var explain = new Option<bool>("--explain") { Description = $"For the {MostSpots} hottest spots, the nearest normal patches and the images they are of." };
        var good = new Option<string?>("--good") { Description = "Folder of the good images learned: with --explain and --out, a picture of both beside each other.", HelpName = "DIR" };
        var replay = new Option<string?>("--replay") { Description = "Judge a station's evidence again instead, and compare with the scores recorded. Ends with 1 where one differs.", HelpName = "EVIDENCE" };
        var json = new Option<bool>("--json") { Description = "One JSON object a line." };
        var command = new ExampleCommand(
            "inspect",
            "Judges images by a bank. Ends with 3 where at least one is defective, 1 where one could not be judged.",
            "mrfad inspect part.png --bank bottle.mrfbank --encoder resnet50.onnx --out overlays")
        {
            images, bank, output, threshold, explain, good, replay, json,
        };
        encoder.AddTo(command);
        command.Options.Add(EncoderOptions.Background);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            var named = parsed.GetValue(images) ?? [];
            var evidence = parsed.GetValue(replay);
            if (named.Length == 0 == evidence is null)
                throw new UsageException("want images, or --replay EVIDENCE");
            var bankPath = parsed.GetRequiredValue(bank);
            if (!File.Exists(bankPath))
                throw new UsageException($"no such bank: {bankPath}");
            IReadOnlyList<string> paths = evidence is null ? ImageFiles.Expand(named) : [];
            if (parsed.GetValue(output) is { } folder)
                UserFiles.CreateFolder(folder);
            using var inspector = InspectorFactory.OpenModel(encoder.EncoderOf(parsed), bankPath, encoder.ThreadsOf(parsed), clock, EncoderOptions.BackgroundOf(parsed), encoder.DeviceOf(parsed));
            if (evidence is not null)
                return EvidenceReplay.Run(evidence, inspector, parsed.GetValue(json), cancellation);
            var explains = parsed.GetValue(explain)
                ? inspector as MrfAdInspector ?? throw new UsageException($"--explain: {bankPath} is an HLGFA model, which has no patches to compare with")
                : null;
            var names = OverlayNames.Of(paths);
            var (defective, failed) = (0, 0);
            foreach (var path in paths)
            {
                cancellation.ThrowIfCancellationRequested();
                try
                {
                    using var image = ImageCodec.Read(path);
                    var inspection = inspector.Inspect(image);
                    if (parsed.GetValue(threshold) is { } given)
                        inspection = inspection with { Threshold = given, Regions = Regions.Find(inspection.Map, given) };
                    defective += inspection.IsDefective ? 1 : 0;
                    var spots = explains?.Explain(inspection, MostSpots) ?? [];
                    Print(path, inspection, spots, parsed.GetValue(json));
                    if (parsed.GetValue(output) is { } overlays)
                    {
                        WriteOverlay(Path.Combine(overlays, names[path]), image, inspection, inspector.Info.HeatmapScale, (inspector as MrfAdInspector)?.PartMask);
                        if (spots.Count > 0 && parsed.GetValue(good) is { } learned)
                            ExplanationPicture.Write(Path.Combine(overlays, OverlayNames.Sibling(names[path], "explain")), image, spots, learned);
                    }
                }
                catch (Exception e) when (e is ImageFormatException or ImageMismatchException)
                {
                    failed++;
                    Console.Error.WriteLine($"mrfad: {e.Message}");
                }
            }

            return failed > 0 ? ExitCode.Failed : defective > 0 ? ExitCode.NgFound : ExitCode.Done;
        });
        return command;
    }

    private static void WriteOverlay(string path, Image image, Engine.Verdicts.Inspection inspection, HeatmapScale scale, PartMask? mask)
    {
        using var overlay = Heatmap.Overlay(image, inspection.Map, scale, inspection.Threshold);
        mask?.Outline(overlay);
        AtomicFile.Write(path, ImageCodec.Encode(overlay, ImageFormat.Png));
    }

    private static void Print(string path, Engine.Verdicts.Inspection inspection, IReadOnlyList<HotSpot> spots, bool json)
    {
        var verdict = inspection.IsDefective ? "NG" : "OK";
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    image = path,
                    verdict,
                    inspection.Score,
                    inspection.Threshold,
                    inspection.PValue,
                    regions = inspection.Regions.Select(r => new { x_px = r.X, y_px = r.Y, width_px = r.Width, height_px = r.Height, area_px = r.Area, r.Score }),
                    degraded = inspection.Degraded,
                    explanation = spots,
                    timings_ms = new
                    {
                        mask = inspection.Times.Mask.TotalMilliseconds,
                        features = inspection.Times.Features.TotalMilliseconds,
                        search = inspection.Times.Search.TotalMilliseconds,
                        fuse = inspection.Times.Fuse.TotalMilliseconds,
                    },
                },
                Lines));
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{verdict}  score {inspection.Score:0.000}  threshold {inspection.Threshold:0.000}  p {inspection.PValue:0.000}  {inspection.Times.Total.TotalMilliseconds:0} ms  {path}"));
        if (inspection.Degraded is { } degraded)
            Console.WriteLine($"    {degraded}");
        foreach (var spot in spots)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    hot spot at ({spot.X}, {spot.Y}), score {spot.Score:0.000}; nearest normal patches:"));
            foreach (var near in spot.Nearest.Take(3))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        {near.Branch}: distance {near.Distance:0.000}, {near.Image}{(near.Place is { } place ? $" at ({place.X}, {place.Y})" : "")}"));
        }

        foreach (var r in inspection.Regions.Take(5))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {r.Width}x{r.Height} px at ({r.X}, {r.Y}), {r.Area} px², score {r.Score:0.000}"));
    }

    private static readonly JsonSerializerOptions Lines = new(JsonOutput.Options) { WriteIndented = false };
}
