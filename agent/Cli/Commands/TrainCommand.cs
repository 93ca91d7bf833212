using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad train</c>: trains a calibrated HLGFA model on a folder of good parts.</summary>
public static class TrainCommand
{
    public static Command Create(TimeProvider clock)
    {
        var folder = new Argument<string>("folder") { Description = "Folder of images of good parts (folders below it too)." };
        var output = new Option<string>("--out", "-o") { Description = "File for the model; default: its name .hlgfa in this folder.", HelpName = "FILE" };
        var id = new Option<string>("--id") { Description = "The model's name in verdicts; default: the folder's name." };
        var version = new Option<int>("--model-version") { Description = "Version number in verdicts.", DefaultValueFactory = _ => 1 };
        var layers = new Option<string?>("--layers") { Description = "Stages of the encoder to align, e.g. stage2,stage3; default: the descriptor's." };
        var rule = new Option<string>("--threshold") { Description = "'rate': from the target of --false-alarms; 'mean+3std': from held-out good pixels, as in MVTec AD 2.", DefaultValueFactory = _ => "rate" };
        rule.AcceptOnlyFromAmong("rate", "mean+3std");
        var falseAlarms = new Option<double>("--false-alarms") { Description = "Target number of false alarms (false rejects) in 1000 good parts.", DefaultValueFactory = _ => 1 };
        var seed = new Option<int>("--seed") { Description = "Seed of all random numbers.", DefaultValueFactory = _ => 1 };
        var mixed = new Option<bool>("--mixed-sizes") { Description = "Images may differ in size; each is resized to the first one's view." };
        var skip = new Option<bool>("--skip-unreadable") { Description = "Leave unreadable images out (and name them) instead of stopping." };
        var restart = new Option<bool>("--restart") { Description = "Discard the checkpoint of a training that was stopped." };
        var json = new Option<bool>("--json") { Description = "The result as JSON." };
        var encoder = new EncoderOptions();
        var training = new HlgfaCommandOptions();
        var command = new ExampleCommand(
            "train",
            """
            Trains an HLGFA model on images of good parts alone, and calibrates its threshold on those held out. No bank: a model of a few
            megabytes. Training that was stopped goes on from its checkpoint beside the model; the same images and options end alike.
            """,
            "mrfad train parts/good --encoder resnet50.json --out bottle.hlgfa")
        {
            folder, output, id, version, layers, rule, falseAlarms, seed, mixed, skip, restart, json,
        };
        encoder.AddTo(command);
        training.AddTo(command);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            encoder.WarnIfNotCpu(parsed);
            var path = parsed.GetRequiredValue(folder);
            var name = parsed.GetValue(id) ?? LearnCommand.NameOf(path);
            var model = parsed.GetValue(output) ?? $"{name}.hlgfa";
            List<string> folders = [];
            var images = ImageFiles.InFolder(path, parsed.GetValue(skip) ? folders : null);
            var request = new HlgfaRequest
            {
                Images = images,
                Id = name,
                Version = parsed.GetValue(version) is >= 1 and var v ? v : throw new UsageException($"--model-version: want at least 1, got {parsed.GetValue(version)}"),
                Created = clock.GetUtcNow(),
                Options = training.Of(parsed) with { MixedSizes = parsed.GetValue(mixed), Seed = parsed.GetValue(seed) },
                FalseAlarms = parsed.GetValue(falseAlarms) is > 0 and < 1000 and var wanted ? wanted : throw new UsageException($"--false-alarms: want a number between 0 and 1000, got {parsed.GetValue(falseAlarms)}"),
                Rule = parsed.GetValue(rule) == "rate" ? ThresholdRule.Quantile : ThresholdRule.MeanPlus3Std,
                SkipUnreadable = parsed.GetValue(skip),
                Limits = CommandLimits.OfImages(images),
                Threads = encoder.ThreadsOf(parsed),
            };
            if (parsed.GetValue(restart))
                UserFiles.Delete(HlgfaTrainer.CheckpointOf(model));
            var trainer = new HlgfaTrainer(encoder.EncoderOf(parsed), parsed.GetValue(layers)?.Split(',', StringSplitOptions.TrimEntries), clock);
            var result = ConsoleProgress.Run(progress => trainer.Train(request, model, progress, cancellation));
            Report(model, result with { Skipped = [.. folders, .. result.Skipped] }, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Report(string model, HlgfaResult result, bool json)
    {
        var d = result.Description;
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new { model, bytes = result.Bytes, skipped = result.Skipped, warnings = result.Warnings, description = JsonDocument.Parse(d.ToJson()).RootElement },
                JsonOutput.Options));
            return;
        }

        foreach (var skipped in result.Skipped)
            Console.WriteLine($"left out: {skipped}");
        foreach (var warning in result.Warnings)
            Console.WriteLine($"warning: {warning}");
        Console.WriteLine(FormattableString.Invariant($"{model}: {d.Images} images, {result.Bytes / 1e6:0.#} MB, encoder {d.EncoderId} ({string.Join(" + ", d.Layers)}) on views of {d.ViewWidth}x{d.ViewHeight} and 1/{d.Options.Ratio}"));
        Console.WriteLine(HlgfaText.Training(d.Training));
        Console.WriteLine(FormattableString.Invariant($"threshold {d.Calibration.Threshold:0.####}. {CalibrationText.Describe(d.Calibration)}"));
    }
}
