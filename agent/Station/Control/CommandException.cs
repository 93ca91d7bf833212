using MrfAd.Contracts;
using MrfAd.Platform;

namespace MrfAd.Station.Control;

/// <summary>A command is refused, or fails; the text is for who sent it.</summary>
public sealed class CommandException(CommandErrorCode code, string message, Exception? inner = null) : MrfAdException(message, inner)
{
    public CommandErrorCode Code { get; } = code;
}
