using System.CommandLine;
using MrfAd.Cli.Demo;
using MrfAd.Cli.Terminal;

namespace MrfAd.Cli.Commands;

/// <summary><c>mrfad broker</c>: the MQTT broker that <c>mrfad demo</c> starts. It is hidden in the list of commands.</summary>
public static class BrokerCommand
{
    public static Command Create()
    {
        var command = new Command("broker", "The demo's MQTT broker, on a free port of the loopback, until it is told to end. It keeps nothing and asks nobody who they are.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            await EmbeddedBroker.RunAsync(port => Console.WriteLine(FormattableString.Invariant($"{EmbeddedBroker.Listening}{port}")), cancellationToken);
            return ExitCode.Done;
        });
        return command;
    }
}
