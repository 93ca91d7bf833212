using System.CommandLine;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary>The command <c>mrfad bank</c> with its subcommands; <c>bank info</c> prints the contents and the calibration of a bank.</summary>
public static class BankCommand
{
    public static Command Create(TimeProvider clock)
    {
        var file = BankArgument();
        var images = new Option<bool>("--images") { Description = "Also list the names of the learned images." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var info = new ExampleCommand("info", "Shows a bank's identity, contents and calibration.", "mrfad bank info bottle.mrfbank") { file, images, json };
        info.SetAction(parsed =>
        {
            using var bank = BankFile.Open(Existing(parsed.GetRequiredValue(file)));
            if (parsed.GetValue(json))
                PrintJson(bank);
            else
                Print(bank);
            if (parsed.GetValue(images) && !parsed.GetValue(json))
                Console.WriteLine(string.Join('\n', bank.ImageNames()));
            return ExitCode.Done;
        });
        return new Command("bank", "Works with memory banks.")
        {
            info, Append(clock), Remove(clock), BankSigning.KeyGen(), BankSigning.Sign(), BankSigning.Verify(clock),
            BankStations.Push(clock), BankStations.RollBack(clock), BankStations.Fetch(clock), BankStations.Status(clock), BankStations.Correct(clock), BankStations.SelfTest(clock),
            BankTeachCommand.Teach(clock), BankComparison.Diff(), Merge(clock),
        };
    }

    private static ExampleCommand Append(TimeProvider clock)
    {
        var file = BankArgument();
        var images = new Argument<string[]>("images") { Description = "Images of good parts, or folders of them.", Arity = ArgumentArity.OneOrMore };
        var output = Output();
        var encoder = new EncoderOptions();
        var command = new ExampleCommand(
            "append",
            "Adds good images to a bank, as a new version of it. All other rows stay; the calibration gains the images' scores by the old bank.",
            "mrfad bank append bottle.mrfbank new-good --encoder resnet50.onnx")
        {
            file, images, output,
        };
        encoder.AddTo(command);
        command.Options.Add(EncoderOptions.Background);
        command.NeedsImages = true;
        command.SetWork((parsed, cancellation) =>
        {
            var path = Existing(parsed.GetRequiredValue(file));
            using var bank = BankFile.Open(path);
            using var model = MrfAdInspector.EncoderFor(bank, encoder.EncoderOf(parsed), encoder.ThreadsOf(parsed), encoder.DeviceOf(parsed));
            using var mask = MrfAdInspector.MaskFor(bank, EncoderOptions.BackgroundOf(parsed), encoder.ThreadsOf(parsed), encoder.DeviceOf(parsed));
            var added = ImageFiles.Named(parsed.GetRequiredValue(images));
            var target = parsed.GetValue(output) ?? path;
            var result = ConsoleProgress.Run(progress => new BankEditor(bank, clock, mask) { Limits = CommandLimits.Over(bank.Description.Learned.Limits) }.Append(model, added, encoder.ThreadsOf(parsed), target, progress, cancellation));
            Report(target, result);
            return ExitCode.Done;
        });
        return command;
    }

    private static ExampleCommand Remove(TimeProvider clock)
    {
        var file = BankArgument();
        var images = new Argument<string[]>("images") { Description = "Names of images as 'bank info --images' lists them; the end of a name is enough if it is unique.", Arity = ArgumentArity.OneOrMore };
        var output = Output();
        var command = new ExampleCommand(
            "remove",
            "Takes images out of a bank, as a new version of it: their rows and their scores in the calibration. All other rows stay.",
            "mrfad bank remove bottle.mrfbank 017.png")
        {
            file, images, output,
        };
        command.SetAction(parsed =>
        {
            var path = Existing(parsed.GetRequiredValue(file));
            using var bank = BankFile.Open(path);
            var target = parsed.GetValue(output) ?? path;
            Report(target, new BankEditor(bank, clock).Remove(parsed.GetRequiredValue(images), target));
            return ExitCode.Done;
        });
        return command;
    }

    private static ExampleCommand Merge(TimeProvider clock)
    {
        var files = new Argument<string[]>("banks") { Description = "Banks of different images, of one encoder and one set of options: shards in their order.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out", "-o") { Description = "File for the merged bank.", Required = true, HelpName = "FILE" };
        var id = new Option<string?>("--id") { Description = "The merged bank's name in verdicts; default: the first one's." };
        var version = new Option<int?>("--bank-version") { Description = "The merged bank's version; default: one above the highest of them." };
        var command = new ExampleCommand(
            "merge", "Puts banks of different images together: the shards of 'learn --shard', or a new bank and what was added elsewhere.", "mrfad bank merge part-*.mrfbank --out bottle.mrfbank")
        {
            files, output, id, version,
        };
        command.SetAction(parsed =>
        {
            var banks = new List<BankFile>();
            try
            {
                foreach (var path in parsed.GetRequiredValue(files))
                    banks.Add(BankFile.Open(Existing(path)));
                var target = parsed.GetRequiredValue(output);
                Report(target, BankMerger.Merge(banks, parsed.GetValue(id) ?? banks[0].Description.Id, parsed.GetValue(version), clock.GetUtcNow(), target));
                return ExitCode.Done;
            }
            finally
            {
                banks.ForEach(b => b.Dispose());
            }
        });
        return command;
    }

    private static Argument<string> BankArgument() => new("bank") { Description = "A .mrfbank file." };

    private static Option<string?> Output() => new("--out", "-o") { Description = "File for the new version; default: it replaces the old one.", HelpName = "FILE" };

    private static string Existing(string path) => File.Exists(path) ? path : throw new UsageException($"no such bank: {path}");

    private static void Report(string path, LearnResult result)
    {
        var (d, c) = (result.Description, result.Description.Calibration);
        Console.WriteLine(FormattableString.Invariant($"{path}: {d.Id} version {d.Version}, {d.Images} images, {result.Bytes / 1e6:0.#} MB, threshold {c.Threshold:0.####}. {CalibrationText.Describe(c)}"));
    }

    private static void PrintJson(BankFile bank) => Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            sha256 = bank.Sha256,
            bytes = FileLength.Of(bank.Path),
            images = bank.ImageNames(),
            branches = bank.BranchNames.Select(name => new { name, rows = bank.Size(name).Rows, dimension = bank.Size(name).Dimension }),
            description = JsonDocument.Parse(bank.Description.ToJson()).RootElement,
        },
        JsonOutput.Options));

    private static void Print(BankFile bank)
    {
        var d = bank.Description;
        var c = d.Calibration;
        Console.WriteLine(FormattableString.Invariant($"{d.Id} version {d.Version}, created {d.Created:yyyy-MM-dd HH:mm} UTC, {FileLength.Of(bank.Path) / 1e6:0.#} MB, sha256 {bank.Sha256}"));
        Console.WriteLine(FormattableString.Invariant($"{d.Images} images of {(d.Options.MixedSizes ? "mixed sizes" : $"{d.ImageWidth}x{d.ImageHeight}")}, encoder {d.EncoderId} (sha256 {d.EncoderSha256[..12]}…)"));
        var table = new Table().Border(TableBorder.Simple).AddColumns("branch", "view", "factor", "rows", "dimension", "axes");
        if (d.Weights is not null)
            table.AddColumn("weight");
        foreach (var (name, i) in bank.BranchNames.Select((name, i) => (name, i)))
        {
            var (view, size) = (d.Views[i / (d.Layers.Count * d.Options.Shapes.Count)], bank.Size(name));
            string[] cells = [name, $"{view.Width}x{view.Height}", FormattableString.Invariant($"{view.Factor:0.###}"), $"{size.Rows}", $"{size.Dimension}", $"{bank.CreateExactSearch(name).Projection.Components}"];
            table.AddRow(d.Weights is null ? cells : [.. cells, FormattableString.Invariant($"{d.Weights[i]:0.###}")]);
        }

        AnsiConsole.Write(table);
        if (d.Options.Megapixels is { } megapixels)
            Console.WriteLine(FormattableString.Invariant($"images are brought to {megapixels} megapixels before the scales"));
        if (!d.Options.IsShapedSimply)
            Console.WriteLine($"features: {string.Join(", ", d.Options.Shapes.Select(s => s.Name))}");
        if (d.Choice is not null)
            Console.WriteLine(ChoiceText.Describe(d.Choice));
        Console.WriteLine($"rows in {d.Options.Precision.ToString().ToLowerInvariant()}, search {(d.Options.Search == SearchMethod.Exact ? "exact" : "IVF-Flat (approximate)")}{(d.Reduction is { } cost ? $". {cost.Describe(d.Options)}" : "")}");
        if (d.Mask is { } mask)
            Console.WriteLine(MaskText.Describe(mask, d.Images));
        Console.WriteLine(FormattableString.Invariant($"threshold {c.Threshold:0.####} ({c.Rule}); good pixels {c.PixelMean:0.####} ± {c.PixelStd:0.####}, mean + 3 std {c.MeanPlus3Std:0.####}; heatmap {c.HeatmapScale.Low:0.####} to {c.HeatmapScale.High:0.####}"));
        Console.WriteLine(CalibrationText.Describe(c));
    }
}
