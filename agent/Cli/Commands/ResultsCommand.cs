using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Cli.Terminal;
using MrfAd.Contracts;
using MrfAd.Platform;
using MrfAd.Station.History;
using MrfAd.Station.Review;
using MrfAd.Station.Statistics;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad results</c>: lists, shows, exports and reports the verdicts that a station has stored.</summary>
public static class ResultsCommand
{
    private static readonly Option<int> Limit = new("--limit") { Description = "The number of verdicts.", HelpName = "N", DefaultValueFactory = _ => 50 };
    private static readonly Option<bool> Json = new("--json") { Description = "Print JSON." };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = "The file to write; default: standard output.", HelpName = "FILE" };
    private static readonly Option<string> Format = new("--format") { Description = "csv, jsonl or parquet.", HelpName = "FORMAT", DefaultValueFactory = _ => "csv" };
    private static readonly Option<double> Above = new("--above-ms") { Description = "Count the parts that took longer.", HelpName = "MS", DefaultValueFactory = _ => 1000 };
    private static readonly Argument<string> Folder = new("DIR") { Description = "The folder of the data set; created if absent." };
    private static readonly Argument<Guid> Id = new("ID") { Description = "The verdict's id." };

    public static Command Create() => new("results", "The verdicts that a station has stored: list, show, export and report them, and make a data set of the labelled ones. The station may run or not.") { CreateList(), CreateShow(), CreateExport(), CreateReport(), CreateDataset() };

    private static ExampleCommand CreateList()
    {
        var command = new ExampleCommand("list", "Lists stored verdicts, the newest first.", "mrfad results list --config station.json --verdict NG --shift 2026-11-29/early") { ConfigOptions.Config, ConfigOptions.Device, Limit, Json };
        ResultsFilterOptions.AddTo(command);
        command.SetAction((parsed, cancellation) => ResultsFile.UseAsync(parsed, results =>
        {
            if (parsed.GetValue(Limit) < 1)
                throw new UsageException($"--limit: want 1 or more, got {parsed.GetValue(Limit)}");
            var verdicts = results.History.All(ResultsFilterOptions.Read(parsed, results.Calendar), cancellation).Take(parsed.GetValue(Limit)).ToList();
            if (parsed.GetValue(Json))
                Console.WriteLine(JsonSerializer.Serialize(verdicts, JsonOutput.Options));
            else
                Print(verdicts, results.Calendar);
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    private static ExampleCommand CreateShow()
    {
        var command = new ExampleCommand("show", "Shows all that is kept of one part, as JSON.", "mrfad results show 01972b5c-0000-7000-8000-000000000001 --config station.json") { Id, ConfigOptions.Config, ConfigOptions.Device };
        command.SetAction((parsed, _) => ResultsFile.UseAsync(parsed, results =>
        {
            var id = parsed.GetRequiredValue(Id);
            if (results.History.Find(id) is not { } stored)
                throw new UsageException($"there is no verdict {id}, or no longer");
            var verdict = JsonNode.Parse(stored.Message)!;
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    Verdict = verdict,
                    Explanation = stored.Spots is { } spots ? JsonNode.Parse(spots) : null,
                    Pictures = results.Pictures.Kinds(stored, (string)verdict["camera"]!, id).Select(kind => results.Pictures.Find(stored, (string)verdict["camera"]!, id, kind)!.Value.Path),
                    stored.Labels,
                },
                JsonOutput.Options));
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    private static ExampleCommand CreateExport()
    {
        var command = new ExampleCommand(
            "export", "Exports stored verdicts, the newest first: as CSV, JSON lines or Parquet. Memory stays constant, however many there are.",
            "mrfad results export --config station.json --from 2026-11-01 --to 2026-12-01 --format parquet --out november.parquet") { ConfigOptions.Config, ConfigOptions.Device, Format, Out };
        ResultsFilterOptions.AddTo(command);
        command.SetAction((parsed, cancellation) => ResultsFile.UseAsync(parsed, async results =>
        {
            var (filter, format) = (ResultsFilterOptions.Read(parsed, results.Calendar), HistoryExport.FormatOf(parsed.GetRequiredValue(Format)));
            await using var output = parsed.GetValue(Out) is { } file ? UserFiles.Open(file, FileMode.Create, FileAccess.Write) : Console.OpenStandardOutput();
            await HistoryExport.WriteAsync(format, results.History.All(filter, cancellation), output, cancellation);
            return ExitCode.Done;
        }));
        return command;
    }

    private static ExampleCommand CreateReport()
    {
        var command = new ExampleCommand(
            "report", "Writes the report of a shift, or of another time, as an HTML page to print: parts, yield, causes, times, signals, and pictures of NG parts.",
            "mrfad results report --config station.json --shift 2026-11-29/early --out early.html") { ConfigOptions.Config, ConfigOptions.Device, Above, Out };
        ResultsFilterOptions.AddTo(command);
        command.NeedsImages = true;
        command.SetAction((parsed, _) => ResultsFile.UseAsync(parsed, results =>
        {
            var filter = ResultsFilterOptions.Read(parsed, results.Calendar);
            if (filter with { Time = default, Camera = null } != new HistoryFilter { Time = default } || filter.Time == HistoryFilter.AllTime)
                throw new UsageException("a report takes --shift 2026-11-29/early, or --from and --to, and --camera");
            var name = ResultsFilterOptions.Shift(parsed) ?? $"{Time(filter.Time.From)} to {Time(filter.Time.To)}";
            var page = new ShiftReport(results.History, results.Statistics, results.Pictures, results.Calendar).Write(results.Options.Station, name, filter.Time, filter.Camera, parsed.GetValue(Above));
            if (parsed.GetValue(Out) is { } file)
                AtomicFile.Write(file, System.Text.Encoding.UTF8.GetBytes(page));
            else
                Console.Write(page);
            return Task.FromResult(ExitCode.Done);

            string Time(long at) => results.Calendar.Text(DateTimeOffset.FromUnixTimeMilliseconds(at));
        }));
        return command;
    }

    private static ExampleCommand CreateDataset()
    {
        var command = new ExampleCommand(
            "dataset", "Writes the parts that people called good and bad, as far as their frames are kept, as a data set in MVTec AD's layout for 'evaluate' and 'learn'.",
            "mrfad results dataset reviewed --config station.json --camera top") { Folder, ConfigOptions.Config, ConfigOptions.Device };
        ResultsFilterOptions.AddTo(command);
        command.NeedsImages = true;
        command.SetAction((parsed, cancellation) => ResultsFile.UseAsync(parsed, results =>
        {
            var filter = ResultsFilterOptions.Read(parsed, results.Calendar);
            if (filter.Label is not null)
                throw new UsageException("--label: a data set holds good and bad parts");
            var export = new DatasetExport(results.History, results.Pictures);
            var parts = export.Find(filter, cancellation);
            export.Write(parsed.GetRequiredValue(Folder), parts, cancellation);
            Console.WriteLine($"{parsed.GetValue(Folder)}: {parts}");
            return Task.FromResult(ExitCode.Done);
        }));
        return command;
    }

    private static void Print(List<HistoryEntry> verdicts, ShiftCalendar calendar)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("time", "camera", "#", "verdict", "score", "threshold", "ms", "serial", "part", "label", "id");
        foreach (var v in verdicts)
        {
            table.AddRow(
                calendar.Text(v.At), Markup.Escape(v.Camera), v.Seq.ToString(CultureInfo.InvariantCulture), v.Cause is null ? v.Verdict.ToText() : Markup.Escape($"{v.Verdict.ToText()} {v.Cause}"), Number(v.Score), Number(v.Threshold),
                v.TotalMs.ToString("0", CultureInfo.InvariantCulture), Markup.Escape(v.Serial ?? ""), Markup.Escape(v.Part ?? ""), v.Label ?? "", v.Id.ToString());
        }

        AnsiConsole.Write(table);
    }

    private static string Number(double? value) => value?.ToString("0.###", CultureInfo.InvariantCulture) ?? "";
}
