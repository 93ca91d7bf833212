using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Outbox;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/replay</c>: sends stored verdicts once more, when nothing else waits.</summary>
public sealed class ReplayVerdicts(StationOutbox outbox) : IStationCommand
{
    // A thousand verdicts are some megabytes; the reply says whether there are more.
    private const int MaxVerdicts = 1000;

    public string Name => "replay";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.ReplayCommand);
        if (wanted == new ReplayCommand())
            throw new CommandException(CommandErrorCode.BadRequest, "'replay' wants at least one of id, trigger, camera, from_seq, to_seq, from, to");
        var found = outbox.Verdicts.Find(wanted, MaxVerdicts + 1);
        if (found.Count == 0)
            throw new CommandException(CommandErrorCode.NotFound, "no stored verdict fits");
        var verdicts = found.Take(MaxVerdicts).ToList();
        if (!outbox.Resend(verdicts))
            throw new CommandException(CommandErrorCode.Busy, "earlier replays are still being sent");
        var result = new ReplayResult { Verdicts = verdicts.Count, More = found.Count > MaxVerdicts };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.ReplayResult) });
    }
}
