using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using MrfAd.Cli.Terminal;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Station.Hosting;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad run</c>: runs a station until it is stopped.</summary>
public static class RunCommand
{
    public static Command Create(TimeProvider clock)
    {
        var command = new ExampleCommand(
            "run",
            """
            Runs the station until it is told to stop (SIGTERM, Ctrl-C); then it judges its current frame and announces that it is offline.
            Any setting can come from the environment: MRFAD__MQTT__HOST is mqtt.host. Ends with 0 when stopped, 1 if a part of
            it failed (the log names it), 2 where the configuration cannot be used.
            """,
            "mrfad run --config station.json --device devices/x86-cpu.json")
        {
            ConfigOptions.Config,
            ConfigOptions.Device,
        };
        command.NeedsImages = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = ConfigOptions.Load(parsed);
            OnnxRuntimeLibrary.Require(); // fails before a station is announced that could not judge
            await using var app = Build(options, clock);
            return await StationHost.RunAsync(app, url => Console.WriteLine($"listening on {url}"), cancellationToken) ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static WebApplication Build(StationOptions options, TimeProvider clock)
    {
        try
        {
            var shared = new SharedSessions();
            return StationHost.Build(options, detector => InspectorFactory.Open(detector, clock, Path.Combine(options.StateFolder, "engines"), shared), clock);
        }
        catch (Exception e) when (e is MqttLinkException or IOException)
        {
            throw new UsageException(e.Message);
        }
    }
}
