using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad inspect</c>: a verdict for each image, without a camera or a broker.</summary>
public sealed class InspectCommand
{
    private const int MaxSpots = 3;

    private readonly TimeProvider _clock;
    private readonly Argument<string[]> _images = new("images") { Description = "Images, or folders of them.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> _bank = new("--bank", "-b") { Description = "The bank, or the HLGFA model, to judge by.", HelpName = "FILE", Required = true };
    private readonly Option<string> _output = new("--out", "-o") { Description = "Folder for an overlay PNG of each image.", HelpName = "DIR" };
    private readonly Option<float?> _threshold = new("--threshold") { Description = "Judge by this image score instead of the bank's." };
    private readonly Option<bool> _explain = new("--explain") { Description = $"For the {MaxSpots} hottest spots, the nearest normal patches and the images they are of." };
    private readonly Option<string?> _good = new("--good") { Description = "Folder of the good images learned: with --explain and --out, a picture of both beside each other.", HelpName = "DIR" };
    private readonly Option<string?> _replay = new("--replay") { Description = "Judge a station's evidence again instead, and compare with the scores recorded. Ends with 1 where one differs.", HelpName = "EVIDENCE" };
    private readonly Option<string> _search = new("--search") { Description = "'certified': patches that cannot change the verdict are not searched exactly; 'full': all are. Both give the same verdict, score and regions.", DefaultValueFactory = _ => "certified" };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line." };
    private readonly EncoderOptions _encoder = new();

    private InspectCommand(TimeProvider clock) => _clock = clock;

    public static Command Create(TimeProvider clock) => new InspectCommand(clock).Build();

    private ExampleCommand Build()
    {
        var command = new ExampleCommand(
            "inspect",
            "Judges images by a bank. Ends with 3 where at least one is defective, 1 where one could not be judged.",
            "mrfad inspect part.png --bank bottle.mrfbank --encoder resnet50.onnx --out overlays")
        {
            _images, _bank, _output, _threshold, _explain, _good, _replay, _search, _json,
        };
        _search.AcceptOnlyFromAmong("certified", "full");
        _encoder.AddTo(command);
        command.Options.Add(EncoderOptions.Background);
        command.NeedsImages = true;
        command.SetWork(Run);
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancellation)
    {
        var named = parsed.GetValue(_images) ?? [];
        var evidence = parsed.GetValue(_replay);
        if (named.Length == 0 == evidence is null)
            throw new UsageException("want images, or --replay EVIDENCE");
        var bankPath = parsed.GetRequiredValue(_bank);
        if (!File.Exists(bankPath))
            throw new UsageException($"no such bank: {bankPath}");
        IReadOnlyList<string> paths = evidence is null ? ImageFiles.Expand(named) : [];
        if (parsed.GetValue(_output) is { } folder)
            UserFiles.CreateFolder(folder);
        using var inspector = InspectorFactory.OpenModel(
            _encoder.EncoderOf(parsed), bankPath, _encoder.ThreadsOf(parsed), _clock, EncoderOptions.BackgroundOf(parsed), _encoder.DeviceOf(parsed), certified: parsed.GetValue(_search) == "certified");
        if (evidence is not null)
            return EvidenceReplay.Run(evidence, inspector, parsed.GetValue(_json), cancellation);
        if (parsed.GetValue(_explain) && inspector is not MrfAdInspector)
            throw new UsageException($"--explain: {bankPath} is an HLGFA model, which has no patches to compare with");
        return InspectAll(parsed, inspector, paths, cancellation);
    }

    private int InspectAll(ParseResult parsed, IInspector inspector, IReadOnlyList<string> paths, CancellationToken cancellation)
    {
        var names = OverlayNames.Of(paths);
        var limits = CommandLimits.Over(inspector.Info.Limits);
        var (defective, failed) = (0, 0);
        foreach (var path in paths)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                using var image = ImageCodec.Read(path, limits);
                defective += InspectOne(parsed, inspector, path, image, names) ? 1 : 0;
            }
            catch (Exception e) when (e is ImageFormatException or ImageMismatchException or IOException)
            {
                // The image, or its overlay: the others are judged.
                failed++;
                Console.Error.WriteLine($"mrfad: {e.Message}");
            }
        }

        return failed > 0 ? ExitCode.Failed : defective > 0 ? ExitCode.NgFound : ExitCode.Done;
    }

    /// <returns>True if the part is defective.</returns>
    private bool InspectOne(ParseResult parsed, IInspector inspector, string path, Image image, Dictionary<string, string> names)
    {
        var inspection = inspector.Inspect(image, parsed.GetValue(_threshold));
        var spots = parsed.GetValue(_explain) ? inspector.Explain(inspection, MaxSpots) : [];
        Print(path, inspection, spots, parsed.GetValue(_json));
        if (parsed.GetValue(_output) is { } overlays)
        {
            inspector.MakeExact(inspector.Info.HeatmapScale.Low);
            WriteOverlay(Path.Combine(overlays, names[path]), image, inspection, inspector.Info.HeatmapScale, (inspector as MrfAdInspector)?.PartMask);
            if (spots.Count > 0 && parsed.GetValue(_good) is { } learned)
                ExplanationPicture.Write(Path.Combine(overlays, OverlayNames.Sibling(names[path], "explain")), image, spots, learned, good => (inspector as MrfAdInspector)?.Upright(good));
        }

        return inspection.IsDefective;
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
                    regions = inspection.Regions.Select(r => new { x_px = r.X, y_px = r.Y, width_px = r.Width, height_px = r.Height, area_px = r.Area, r.Score, region = r.Name }),
                    alignment = inspection.Alignment is { } place ? new { dx_px = place.Dx, dy_px = place.Dy, angle_deg = place.Angle, scale = place.Scale, quality = place.Quality } : null,
                    map = inspection.IsBounded ? "bounded" : "full",
                    degraded = inspection.Degraded,
                    explanation = spots,
                    timings_ms = new
                    {
                        align = inspection.Times.Align.TotalMilliseconds,
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
        if (inspection.Alignment is { } at)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    the part lies ({at.Dx:+0.0;-0.0}, {at.Dy:+0.0;-0.0}) px from the reference's place, turned by {at.Angle:0.0}°, quality {at.Quality:0.000}"));
        if (inspection.Degraded is { } degraded)
            Console.WriteLine($"    {degraded}");
        foreach (var spot in spots)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    hot spot at ({spot.X}, {spot.Y}), score {spot.Score:0.000}; nearest normal patches:"));
            foreach (var near in spot.Nearest.Take(3))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        {near.Branch}: distance {near.Distance:0.000}, {near.Image}{(near.Place is { } place ? $" at ({place.X}, {place.Y})" : "")}"));
        }

        foreach (var r in inspection.Regions.Take(5))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {r.Width}x{r.Height} px at ({r.X}, {r.Y}), {r.Area} px², score {r.Score:0.000}{(r.Name is { } name ? $", in '{name}'" : "")}"));
    }

    private static readonly JsonSerializerOptions Lines = new(JsonOutput.Options) { WriteIndented = false };
}
