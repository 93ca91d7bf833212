using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Defects;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad learn</c>: learns a calibrated bank from a folder of good parts.</summary>
public static class LearnCommand
{
    public static Command Create(TimeProvider clock)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of images of good parts (folders below it too)." };
        var output = new Option<string>("--out", "-o") { Description = "File for the bank; default: its name .mrfbank in this folder.", HelpName = "FILE" };
        var id = new Option<string>("--id") { Description = "The bank's name in verdicts; default: the folder's name." };
        var version = new Option<int>("--bank-version") { Description = "Version number in verdicts.", DefaultValueFactory = _ => 1 };
        var encoder = new EncoderOptions();
        var options = new BankOptions();
        var background = new BackgroundOptions();
        var align = new AlignOptions();
        var regions = new Option<string?>("--regions") { Description = "Regions drawn over a good part (JSON): what is ignored is not learned, and the bank carries them. docs/regions.md.", HelpName = "FILE" };
        var rule = new Option<string>("--threshold") { Description = "'rate': from the target of --false-alarms; 'mean+3std': from held-out good pixels, as in MVTec AD 2.", DefaultValueFactory = _ => "rate" };
        rule.AcceptOnlyFromAmong("rate", "mean+3std");
        var budget = new Option<string?>("--budget") { Description = "Maximum size of the bank, e.g. 512MB: chooses precision and rows (--reduction says how), and reports what that costs in distance.", HelpName = "SIZE" };
        var shard = new Option<string?>("--shard") { Description = "i/n: only the i-th (from 0) of n runs of neighbouring images; 'bank merge' puts the n banks together, with the same rows as in one process.", HelpName = "I/N" };
        var mixed = new Option<bool>("--mixed-sizes") { Description = "Images may differ in size." };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Leave unreadable images out (and name them) instead of stopping." };
        var painted = new Option<int>("--painted-defects") { Description = "Paint a defect of each kind (scratch, stain, missing piece, …) on this many held-out good images, and say how many the threshold finds.", HelpName = "N" };
        var json = new Option<bool>("--json") { Description = "The result as JSON." };

        var command = new ExampleCommand(
            "learn",
            "Learns a memory bank from images of good parts alone, and calibrates its threshold on them.",
            "mrfad learn parts/good --encoder resnet50.onnx --layers stage2,stage3 --out bottle.mrfbank")
        {
            folder, output, id, version, regions, rule, budget, shard, mixed, skip, painted, json,
        };
        encoder.AddTo(command);
        options.AddTo(command);
        background.AddTo(command);
        align.AddTo(command);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(folder);
            var name = parsed.GetValue(id) ?? NameOf(path);
            var bank = parsed.GetValue(output) ?? $"{name}.mrfbank";
            List<string> folders = [];
            var images = ImageFiles.InFolder(path, parsed.GetValue(skip) ? folders : null);
            var request = new LearnRequest
            {
                Images = images,
                Root = path,
                Shard = parsed.GetValue(shard) is { } part ? ParseShard(part) : (0, 1),
                Id = name,
                Version = AtLeast(1, parsed.GetValue(version), version),
                Created = clock.GetUtcNow(),
                Options = options.Of(parsed, new MrfAdOptions { MixedSizes = parsed.GetValue(mixed), Background = background.FillOf(parsed) }),
                Alignment = align.Of(parsed),
                Regions = parsed.GetValue(regions) is { } drawn ? RegionsOf(drawn) : null,
                Budget = parsed.GetValue(budget) is { } size ? ParseSize(size) : null,
                Folds = options.FoldsOf(parsed),
                FalseAlarms = options.FalseAlarmsOf(parsed),
                Rule = parsed.GetValue(rule) == "rate" ? ThresholdRule.Quantile : ThresholdRule.MeanPlus3Std,
                Candidates = options.CandidatesOf(parsed),
                PaintedDefects = AtLeast(0, parsed.GetValue(painted), painted),
                SkipUnreadable = parsed.GetValue(skip),
                Limits = CommandLimits.OfImages(images),
                Threads = encoder.ThreadsOf(parsed),
            };
            using var model = Encoder.Open(encoder.EncoderOf(parsed), options.LayersOf(parsed), request.Threads, encoder.DeviceOf(parsed));
            using var mask = background.Open(parsed, request.Threads, encoder.DeviceOf(parsed));
            var result = ConsoleProgress.Run(progress => new BankLearner(model, clock, mask).Learn(request, bank, progress, cancellation));
            Report(bank, result with { Skipped = [.. folders, .. result.Skipped] }, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Report(string bank, LearnResult result, bool json)
    {
        var description = result.Description;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { bank, bytes = result.Bytes, skipped = result.Skipped, warnings = result.Warnings, painted_defects = result.Painted, description = JsonDocument.Parse(description.ToJson()).RootElement },
                JsonOutput.Options));
            return;
        }

        foreach (var skipped in result.Skipped)
            Console.WriteLine($"left out: {skipped}");
        foreach (var warning in result.Warnings)
            Console.WriteLine($"warning: {warning}");
        Console.WriteLine(FormattableString.Invariant($"{bank}: {description.Images} images, {result.Bytes / 1e6:0.#} MB, encoder {description.EncoderId} ({string.Join(" + ", description.Layers)})"));
        if (description.Alignment is { } alignment)
            Console.WriteLine(AlignmentText.Describe(alignment));
        if (description.Regions is { } drawn)
            Console.WriteLine(RegionsText.Describe(drawn));
        if (description.Mask is { } mask)
            Console.WriteLine(MaskText.Describe(mask, description.Images));
        if (description.Choice is { } choice)
            Console.WriteLine(ChoiceText.Describe(choice));
        if (description.Reduction is { } cost)
            Console.WriteLine(cost.Describe(description.Options));
        Console.WriteLine(FormattableString.Invariant($"threshold {description.Calibration.Threshold:0.####}. {CalibrationText.Describe(description.Calibration)}"));
        if (result.Painted.Count > 0)
            Console.WriteLine($"painted defects found on held-out good images: {string.Join(", ", result.Painted.Select(p => $"{NameOf(p.Kind)} {p.Found} of {p.Painted}"))}");
    }

    /// <returns>The kind in words, such as "missing piece".</returns>
    private static string NameOf(DefectKind kind) => string.Concat($"{kind}".Select((letter, i) => char.IsUpper(letter) ? $"{(i > 0 ? " " : "")}{char.ToLowerInvariant(letter)}" : $"{letter}"));

    /// <returns>The regions; null where the file has none, so that the bank stays one for every agent.</returns>
    private static PartRegions? RegionsOf(string file)
    {
        if (!File.Exists(file))
            throw new UsageException($"--regions: no such file: {file}");
        return PartRegions.Read(file) is { Regions.Count: > 0 } drawn ? drawn : null;
    }

    private static (int Index, int Count) ParseShard(string text) =>
        text.Split('/') is [var i, var n] && int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && index < count
            ? (index, count)
            : throw new UsageException($"--shard: want i/n with i from 0 to n-1, got '{text}'");

    private static long ParseSize(string text)
    {
        foreach (var (unit, bytes) in new[] { ("KB", 1_000L), ("MB", 1_000_000L), ("GB", 1_000_000_000L) })
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count > 0)
                return (long)(count * bytes);
        }

        throw new UsageException($"--budget: want a size such as 512MB (KB, MB or GB), got '{text}'");
    }

    /// <summary>Returns the folder's name; if that is "good" or "train" (MVTec AD's layout), the name of the folder above.</summary>
    internal static string NameOf(string folder)
    {
        var at = new DirectoryInfo(folder);
        while (at.Name is "good" or "train" && at.Parent is { Name.Length: > 1 } parent)
            at = parent;
        return at.Name;
    }

    private static int AtLeast(int least, int value, Option option) =>
        value >= least ? value : throw new UsageException($"{option.Name}: want at least {least}, got {value}");
}
