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

    private static readonly Option<bool> Cameras = new("--cameras") { Description = "List the cameras connected to this machine (GigE Vision, USB3 Vision, V4L2), with a test shot of each." };
    private static readonly Option<string?> Shots = new("--out", "-o") { Description = "With --cameras: keep the test shots there.", HelpName = "DIR" };

    // As elsewhere, but not required with --cameras.
    private static readonly Option<string?> Config = new(ConfigOptions.Config.Name) { Description = ConfigOptions.Config.Description, HelpName = ConfigOptions.Config.HelpName };

    public static Command Create(TimeProvider clock)
    {
        var command = new ExampleCommand(
            "check",
            """
            Tries everything that a station needs, once: the configuration, the detector, a frame of each camera, the broker and the
            HTTP port. With --cameras instead: what cameras are connected to this machine, with a test shot of each. Ends with 0 where all is well, 1 where something is not, 2 where the configuration cannot be used.
            """,
            "mrfad check --config station.json")
        {
            Config,
            ConfigOptions.Device,
            Cameras,
            Shots,
            Json,
        };
        command.SetAction(parsed => parsed.GetValue(Cameras) ? Task.FromResult(LookForCameras(parsed, clock)) : RunAsync(parsed, parsed.GetValue(Json), clock));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, TimeProvider clock)
    {
        StationOptions options;
        try
        {
            if (parsed.GetValue(Config) is not { } config)
                throw new UsageException("want --config FILE, or --cameras");
            options = ConfigOptions.Load(config, parsed);
        }
        catch (UsageException e) when (json)
        {
            Print([new CheckResult("config", false, e.Message, 0)], json);
            return ExitCode.Usage;
        }

        List<CheckResult> results = [new("config", true, parsed.GetValue(Config)!, 0)];
        await foreach (var result in new StationCheck(options, detector => InspectorFactory.Open(detector, clock), clock).RunAsync())
            results.Add(result);
        Print(results, json);
        return results.TrueForAll(r => r.Ok) ? ExitCode.Done : ExitCode.Failed;
    }

    private static int LookForCameras(ParseResult parsed, TimeProvider clock)
    {
        var results = new CameraCheck(parsed.GetValue(Shots), clock).Run().ToList();
        Print(results, parsed.GetValue(Json));
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
