using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Control;

/// <summary>A command was refused or failed; the message is for its sender.</summary>
public sealed class CommandException(CommandErrorCode code, string message, Exception? inner = null) : MrfAdException(message, inner)
{
    public CommandErrorCode Code { get; } = code;
}
