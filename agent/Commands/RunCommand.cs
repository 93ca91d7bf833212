using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Mqtt;

namespace MrfAd.Agent.Commands;

/// <summary><c>mrfad run</c>.</summary>
public static class RunCommand
{
    public static Command Create(TimeProvider clock)
    {
        var command = new Command("run", """
            Runs the station until it is told to stop (SIGTERM, Ctrl-C); then it finishes the frame in hand and says offline.

            Example: mrfad run --config /etc/mrfad/station.json --device devices/x86-cpu.json
            Any setting can be overridden: MRFAD__MQTT__HOST=broker.local mrfad run --config station.json

            Exit codes: 0 stopped as told, 1 a worker failed (the log names it), 2 the configuration cannot be used.
            """)
        {
            ConfigOptions.Config,
            ConfigOptions.Device,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var options = ConfigOptions.Load(parsed);
            await using var app = Build(options, clock);
            return await Station.RunAsync(app, url => Console.WriteLine($"listening on {url}"), cancellationToken);
        });
        return command;
    }

    private static WebApplication Build(StationOptions options, TimeProvider clock)
    {
        try
        {
            return Station.Build(options, () => InspectorFactory.Open(options.Detector, clock), clock);
        }
        catch (MqttLinkException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
