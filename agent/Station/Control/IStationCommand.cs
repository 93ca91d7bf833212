using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Control;

/// <summary>A command of the station over MQTT. A new command is a class that implements this, registered by <see cref="ControlRegistration.AddControl"/>.</summary>
public interface IStationCommand
{
    /// <summary>The name of the command in its topic, <c>cmd/&lt;name&gt;</c>.</summary>
    string Name { get; }

    /// <summary>The kind of the command, which decides whether it must be signed.</summary>
    CommandKind Kind => CommandKind.Read;

    /// <summary>True where the command takes long, or waits for another machine: it then runs beside the others, one of its kind at a time.</summary>
    bool IsSlow => false;

    /// <summary>True where the command is carried out before its message is acknowledged, so that it cannot be lost. Such a command must complete at once and wait for no network.</summary>
    bool BeforeAcknowledgement => false;

    /// <summary>Carries out the command.</summary>
    /// <exception cref="CommandException">The command is refused, or fails.</exception>
    Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken);
}
