using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Agent.Inspection;
using Spectre.Console;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad check</c>.</summary>
public static class CheckCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the results as JSON." };

    public static Command Create(TimeProvider clock)
    {
        var command = new Command("check", """
            Tries everything that a station needs, once: the configuration, the detector, a frame of each camera, the broker, the HTTP port.

            Example: mrfad check --config /etc/mrfad/station.json

            Exit codes: 0 all is well, 1 something is not, 2 the configuration cannot be used.
            """)
        {
            ConfigOptions.Config,
            ConfigOptions.Device,
            Json,
        };
        command.SetAction(parsed => RunAsync(parsed, parsed.GetValue(Json), clock));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, TimeProvider clock)
    {
        StationOptions options;
        try
        {
            options = ConfigOptions.Load(parsed);
        }
        catch (UsageException e) when (json)
        {
            Print([new CheckResult("config", false, e.Message, 0)], json);
            return ExitCode.Usage;
        }

        List<CheckResult> results = [new("config", true, parsed.GetRequiredValue(ConfigOptions.Config), 0)];
        await foreach (var result in new StationCheck(options, () => InspectorFactory.Open(options.Detector, clock), clock).RunAsync())
            results.Add(result);
        Print(results, json);
        return results.TrueForAll(r => r.Ok) ? ExitCode.Done : ExitCode.Failed;
    }

    private static void Print(IReadOnlyList<CheckResult> results, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(new { Ok = results.All(r => r.Ok), Checks = results }, JsonOutput.Options));
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("", "what", "found", "ms");
        foreach (var result in results)
            table.AddRow(result.Ok ? "✓" : "✗", Markup.Escape(result.Name), Markup.Escape(result.Detail), result.Ms.ToString("0", CultureInfo.InvariantCulture));
        AnsiConsole.Write(table);
    }
}
