using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad learn</c>: a folder of good parts becomes a calibrated bank.</summary>
public static class LearnCommand
{
    public static Command Create(TimeProvider clock)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of images of good parts (folders below it too)." };
        var output = new Option<string>("--out", "-o") { Description = "Where the bank goes; default: the bank's name .mrfbank, here.", HelpName = "FILE" };
        var id = new Option<string>("--id") { Description = "The bank's name in verdicts; default: the folder's name." };
        var version = new Option<int>("--bank-version") { Description = "Its version.", DefaultValueFactory = _ => 1 };
        var encoder = new EncoderOptions();
        var layers = new Option<string>("--layers") { Description = "Layers of the encoder, e.g. stage2,stage3; default: the descriptor's." };
        var scales = new Option<string>("--scales") { Description = "Scaling factors of the input.", DefaultValueFactory = _ => "0.3,0.4,0.5,0.6,0.7" };
        var rows = new Option<string>("--rows") { Description = "Rows of each bank at the most, or 'all'.", DefaultValueFactory = _ => "20000" };
        var leastSide = new Option<int>("--least-side") { Description = "Pixels of the smallest view's shorter side, at least.", DefaultValueFactory = _ => new MrfAdOptions().LeastSide };
        var seed = new Option<int>("--seed") { Description = "Of the random choice of rows.", DefaultValueFactory = _ => 1 };
        var folds = new Option<int>("--folds") { Description = "Parts into which the images are divided for calibration.", DefaultValueFactory = _ => 5 };
        var falseAlarms = new Option<double>("--false-alarms") { Description = "Wanted, in 1000 good parts.", DefaultValueFactory = _ => 1 };
        var rule = new Option<string>("--threshold") { Description = "'rate': for the false alarms wanted; 'mean+3std': of held-out good pixels, as in MVTec AD 2.", DefaultValueFactory = _ => "rate" };
        rule.AcceptOnlyFromAmong("rate", "mean+3std");
        var mixed = new Option<bool>("--mixed-sizes") { Description = "Images may differ in size." };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Leave unreadable images out (and name them) instead of stopping." };
        var json = new Option<bool>("--json") { Description = "The result as JSON." };

        var command = new ExampleCommand(
            "learn",
            "Learns a memory bank from images of good parts alone, and calibrates its threshold on them.",
            "mrfad learn parts/good --encoder resnet50.onnx --layers stage2,stage3 --out bottle.mrfbank")
        {
            folder, output, id, version, layers, scales, rows, leastSide, seed, folds, falseAlarms, rule, mixed, skip, json,
        };
        encoder.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var path = parsed.GetRequiredValue(folder);
            var name = parsed.GetValue(id) ?? NameOf(path);
            var bank = parsed.GetValue(output) ?? $"{name}.mrfbank";
            var request = new LearnRequest
            {
                Images = ImageFiles.InFolder(path),
                Id = name,
                Version = AtLeast(1, parsed.GetValue(version), version),
                Created = clock.GetUtcNow(),
                Options = new MrfAdOptions
                {
                    Scales = ParseScales(parsed.GetRequiredValue(scales)),
                    LeastSide = AtLeast(1, parsed.GetValue(leastSide), leastSide),
                    RowsPerBank = ParseRows(parsed.GetRequiredValue(rows)),
                    Seed = parsed.GetValue(seed),
                    MixedSizes = parsed.GetValue(mixed),
                },
                Folds = AtLeast(2, parsed.GetValue(folds), folds),
                FalseAlarms = parsed.GetValue(falseAlarms) is > 0 and < 1000 and var wanted ? wanted : throw new UsageException($"--false-alarms: want a number between 0 and 1000, got {parsed.GetValue(falseAlarms)}"),
                Rule = parsed.GetValue(rule) == "rate" ? ThresholdRule.Quantile : ThresholdRule.MeanPlus3Std,
                SkipUnreadable = parsed.GetValue(skip),
                Threads = encoder.ThreadsOf(parsed),
            };
            using var model = Encoder.Open(encoder.EncoderOf(parsed), parsed.GetValue(layers)?.Split(',', StringSplitOptions.TrimEntries), request.Threads);
            var result = ConsoleProgress.Run(progress => new BankLearner(model, clock).Learn(request, bank, progress, cancellation));
            Report(bank, result, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Report(string bank, LearnResult result, bool json)
    {
        var description = result.Description;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { bank, bytes = result.Bytes, skipped = result.Skipped, description = JsonDocument.Parse(description.ToJson()).RootElement },
                JsonOutput.Options));
            return;
        }

        foreach (var skipped in result.Skipped)
            Console.WriteLine($"left out: {skipped}");
        Console.WriteLine(FormattableString.Invariant($"{bank}: {description.Images} images, {result.Bytes / 1e6:0.#} MB, encoder {description.EncoderId} ({string.Join(" + ", description.Layers)})"));
        Console.WriteLine(FormattableString.Invariant($"threshold {description.Calibration.Threshold:0.####}. {CalibrationText.Describe(description.Calibration)}"));
    }

    /// <summary>The folder's name; where it only says "good" or "train", that of the folder above (MVTec AD's layout).</summary>
    private static string NameOf(string folder)
    {
        var at = new DirectoryInfo(folder);
        while (at.Name is "good" or "train" && at.Parent is { Name.Length: > 1 } parent)
            at = parent;
        return at.Name;
    }

    private static double[] ParseScales(string text)
    {
        var scales = new List<double>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var scale) || scale is not (> 0 and <= 4))
                throw new UsageException($"--scales: want numbers above 0 and up to 4, got '{part}'");
            if (scales.Contains(scale))
                throw new UsageException($"--scales: {part} is named twice");
            scales.Add(scale);
        }

        return [.. scales];
    }

    private static int? ParseRows(string text)
    {
        if (text == "all")
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rows) && rows >= 100
            ? rows
            : throw new UsageException($"--rows: want 'all' or a number of at least 100, got '{text}'");
    }

    private static int AtLeast(int least, int value, Option option) =>
        value >= least ? value : throw new UsageException($"{option.Name}: want at least {least}, got {value}");
}
