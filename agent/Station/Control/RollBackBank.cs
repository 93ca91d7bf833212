using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/rollback</c>: puts the previous bank back into use and cancels an update under way.</summary>
public sealed class RollBackBank(DetectorBanks banks) : IStationCommand
{
    public string Name => "rollback";

    public CommandKind Kind => CommandKind.Change;

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.DetectorCommand);
        var detector = CommandPayload.Find(banks, wanted.Product, wanted.Camera);
        detector.Updates.Cancel();
        try
        {
            await Task.Run(() => detector.Bank.RollBack(command.Signer ?? "mqtt", "asked for by command"), cancellationToken);
        }
        catch (UpdateRefusedException e)
        {
            throw new CommandException(CommandErrorCode.NotFound, e.Message, e);
        }

        detector.Status.NotifyChanged();
        return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(detector.Publisher.Message(), MessageJson.Default.BankMessage) };
    }
}
