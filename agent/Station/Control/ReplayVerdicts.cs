using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Outbox;

namespace MrfAd.Station.Control;

/// <summary><c>cmd/replay</c>: stored verdicts once more, in idle moments.</summary>
public sealed class ReplayVerdicts(StationOutbox outbox) : IStationCommand
{
    // Some megabytes; who wants more asks again.
    private const int Most = 1000;

    public string Name => "replay";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.ReplayCommand);
        if (wanted == new ReplayCommand())
            throw new CommandException(CommandErrorCode.BadRequest, "'replay' wants at least one of id, trigger, camera, from_seq, to_seq, from, to");
        var found = outbox.Verdicts.Find(label => Fits(wanted, label), Most + 1);
        if (found.Count == 0)
            throw new CommandException(CommandErrorCode.NotFound, "no stored verdict fits");
        var verdicts = found.Take(Most).ToList();
        if (!outbox.SendAgain(verdicts))
            throw new CommandException(CommandErrorCode.Busy, "earlier replays are still being sent");
        var result = new ReplayResult { Verdicts = verdicts.Count, More = found.Count > Most };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.ReplayResult) });
    }

    private static bool Fits(ReplayCommand wanted, Label verdict) =>
        (wanted.Id ?? verdict.Id) == verdict.Id
        && (wanted.Trigger ?? verdict.Trigger) == verdict.Trigger
        && (wanted.Camera ?? verdict.Camera) == verdict.Camera
        && verdict.Seq >= (wanted.FromSeq ?? long.MinValue) && verdict.Seq <= (wanted.ToSeq ?? long.MaxValue)
        && verdict.At >= (wanted.From ?? DateTimeOffset.MinValue) && verdict.At < (wanted.To ?? DateTimeOffset.MaxValue);
}
