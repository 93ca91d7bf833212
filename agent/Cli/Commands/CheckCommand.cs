using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using MrfAd.Cli.Terminal;
using MrfAd.Engine.Features;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using Spectre.Console;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad check</c>: checks the configuration, cameras, broker, libraries or the speed of this machine.</summary>
public static class CheckCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print the results as JSON." };

    private static readonly Option<bool> Cameras = new("--cameras") { Description = "List the cameras connected to this machine (GigE Vision, USB3 Vision, V4L2), with a test shot of each." };
    private static readonly Option<string?> Shots = new("--out", "-o") { Description = "With --cameras: keep the test shots there.", HelpName = "DIR" };

    private static readonly Option<bool> Libraries = new("--libraries") { Description = "List the native libraries that are installed (ONNX Runtime, OpenCV, CUDA, cuDNN, TensorRT) with their versions, and those that are missing." };

    private static readonly Option<bool> Offline = new("--offline") { Description = "Only what is on this machine: configuration, libraries, detectors, folders; no camera, broker or port." };

    private static readonly Option<string?> Encoder = new("--encoder", "-e") { Description = "With --device: the encoder to measure, its ONNX file or descriptor; default: the station's, or the built-in one.", HelpName = "FILE" };
    private static readonly Option<string> ImageSize = new("--image") { Description = "With --device: the size of the images, HEIGHTxWIDTH.", HelpName = "SIZE", DefaultValueFactory = _ => "1024x1280" };

    // The same as the shared option, but not required: --cameras and --libraries need no configuration.
    private static readonly Option<string?> Config = new(ConfigOptions.Config.Name) { Description = ConfigOptions.Config.Description, HelpName = ConfigOptions.Config.HelpName };

    public static Command Create(TimeProvider clock)
    {
        var command = new ExampleCommand(
            "check",
            """
            Checks once everything that a station needs: the configuration, the detector, a frame of each camera, the broker with
            each topic of the station, and the HTTP port. With --cameras instead: what cameras are connected to this machine, with a test shot of each. With --libraries: the
            native libraries that are here and those that are missing. With --device: the speed and memory of this machine, measured and compared with the profile's budgets. Ends with 0 if all checks pass, 1 if one fails, 2 if the configuration is invalid.
            """,
            "mrfad check --config station.json")
        {
            Config,
            ConfigOptions.Device,
            Encoder,
            ImageSize,
            Cameras,
            Shots,
            Libraries,
            Offline,
            Json,
        };
        command.SetAction(parsed =>
            parsed.GetValue(Cameras) ? Task.FromResult(Report(parsed, new CameraCheck(parsed.GetValue(Shots), clock).Run()))
            : parsed.GetValue(Libraries) ? Task.FromResult(Report(parsed, RuntimeCheck.Libraries()))
            : parsed.GetValue(Config) is null && parsed.GetValue(ConfigOptions.Device) is { } device ? Task.FromResult(Report(parsed, Measure(parsed, device, null, clock)))
            : RunAsync(parsed, parsed.GetValue(Json), clock));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, bool json, TimeProvider clock)
    {
        StationOptions options;
        try
        {
            if (parsed.GetValue(Config) is not { } config)
                throw new UsageException("want --config FILE, --device FILE, --cameras or --libraries");
            options = ConfigOptions.Load(config, parsed);
        }
        catch (UsageException e) when (json)
        {
            Print([new CheckResult("config", false, e.Message, 0)], json);
            return ExitCode.Usage;
        }

        List<CheckResult> results = [new("config", true, parsed.GetValue(Config)!, 0)];
        var check = new StationCheck(options, detector => InspectorFactory.Open(detector, clock), clock);
        await foreach (var result in parsed.GetValue(Offline) ? check.RunOfflineAsync() : check.RunAsync())
            results.Add(result);
        if (parsed.GetValue(ConfigOptions.Device) is { } device)
            results.AddRange(Measure(parsed, device, options.Detector, clock));
        return Report(parsed, results);
    }

    /// <param name="detector">The station's detector; null for the one in the device profile.</param>
    private static IEnumerable<CheckResult> Measure(ParseResult parsed, string device, DetectorOptions? detector, TimeProvider clock)
    {
        var (profile, own) = DeviceProfile.Read(device);
        if (profile is null)
            return detector is null ? throw new UsageException($"{device}: has no '{DeviceProfile.Section}' section to measure against") : [];
        if (!View.TryParseSize(parsed.GetRequiredValue(ImageSize), out var width, out var height))
            throw new UsageException($"{ImageSize.Name}: want HEIGHTxWIDTH in pixels, got '{parsed.GetValue(ImageSize)}'");
        var measured = detector ?? own;
        return new DeviceCheck(profile, measured with { Encoder = parsed.GetValue(Encoder) ?? measured.Encoder }, width, height, clock).Run();
    }

    private static int Report(ParseResult parsed, IEnumerable<CheckResult> results)
    {
        var all = results.ToList();
        Print(all, parsed.GetValue(Json));
        return all.TrueForAll(r => r.Ok) ? ExitCode.Done : ExitCode.Failed;
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
