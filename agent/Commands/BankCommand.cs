using System.CommandLine;
using System.Text.Json;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Verdicts;
using Spectre.Console;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad bank info</c>: what a bank is made of and what it promises.</summary>
public static class BankCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("bank") { Description = "A .mrfbank file." };
        var json = new Option<bool>("--json") { Description = "As JSON." };
        var info = new ExampleCommand("info", "Shows a bank's identity, contents and calibration.", "mrfad bank info bottle.mrfbank") { file, json };
        info.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            if (!File.Exists(path))
                throw new UsageException($"no such bank: {path}");
            using var bank = BankFile.Open(path);
            if (parsed.GetValue(json))
                PrintJson(bank);
            else
                Print(bank);
            return ExitCode.Done;
        });
        return new Command("bank", "Works with memory banks.") { info };
    }

    private static void PrintJson(BankFile bank) => Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            sha256 = bank.Sha256,
            bytes = new FileInfo(bank.Path).Length,
            branches = bank.BranchNames.Select(name => new { name, rows = bank.Size(name).Rows, dimension = bank.Size(name).Dimension }),
            description = JsonDocument.Parse(bank.Description.ToJson()).RootElement,
        },
        JsonOutput.Options));

    private static void Print(BankFile bank)
    {
        var d = bank.Description;
        var c = d.Calibration;
        Console.WriteLine(FormattableString.Invariant($"{d.Id} version {d.Version}, created {d.Created:yyyy-MM-dd HH:mm} UTC, {new FileInfo(bank.Path).Length / 1e6:0.#} MB, sha256 {bank.Sha256}"));
        Console.WriteLine(FormattableString.Invariant($"{d.Images} images of {(d.Options.MixedSizes ? "mixed sizes" : $"{d.ImageWidth}x{d.ImageHeight}")}, encoder {d.EncoderId} (sha256 {d.EncoderSha256[..12]}…)"));
        var table = new Table().Border(TableBorder.Simple).AddColumns("branch", "view", "factor", "rows", "dimension");
        foreach (var (name, i) in bank.BranchNames.Select((name, i) => (name, i)))
        {
            var (view, size) = (d.Views[i / d.Layers.Count], bank.Size(name));
            table.AddRow(name, $"{view.Width}x{view.Height}", FormattableString.Invariant($"{view.Factor:0.###}"), $"{size.Rows}", $"{size.Dimension}");
        }

        AnsiConsole.Write(table);
        Console.WriteLine(FormattableString.Invariant($"threshold {c.Threshold:0.####} ({c.Rule}); good pixels {c.PixelMean:0.####} ± {c.PixelStd:0.####}, mean + 3 std {c.MeanPlus3Std:0.####}; heatmap {c.HeatmapScale.Low:0.####} to {c.HeatmapScale.High:0.####}"));
        Console.WriteLine(CalibrationText.Describe(c));
    }
}
