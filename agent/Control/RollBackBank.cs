using System.Text.Json;
using MrfAd.Agent.BankUpdates;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Control;

/// <summary><c>cmd/rollback</c>: the previous bank judges again; an update under way is given up.</summary>
public sealed class RollBackBank(StationBank bank, UpdateWorker updates, BankPublisher publisher, BankStatus status) : IStationCommand
{
    public string Name => "rollback";

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        updates.Cancel();
        try
        {
            await Task.Run(() => bank.RollBack(command.Signer ?? "mqtt", "asked for by command"), cancellationToken);
        }
        catch (UpdateRefusedException e)
        {
            throw new CommandException(CommandErrorCode.NotFound, e.Message, e);
        }

        status.Tell();
        return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(publisher.Message(), MessageJson.Default.BankMessage) };
    }
}
