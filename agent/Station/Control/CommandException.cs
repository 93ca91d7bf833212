using MrfAd.Contracts;

namespace MrfAd.Station.Control;

/// <summary>A command is refused, or fails; the text is for who sent it.</summary>
public sealed class CommandException(CommandErrorCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public CommandErrorCode Code { get; } = code;
}
