using MrfAd.Contracts;

namespace MrfAd.Station.Control;

/// <summary>Something that can be asked of the station over MQTT. A new command is a class that implements this and one line in <see cref="Station"/>.</summary>
public interface IStationCommand
{
    /// <summary>Its level in <c>cmd/&lt;name&gt;</c>.</summary>
    string Name { get; }

    /// <summary>It is carried out before its message is acknowledged, so that it cannot be lost; then it completes at once and waits for no network.</summary>
    bool BeforeAcknowledgement => false;

    /// <exception cref="CommandException">It is refused, or fails.</exception>
    Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken);
}
