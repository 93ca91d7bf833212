using System.Text.Json;
using MrfAd.Agent.BankUpdates;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Control;

/// <summary><c>cmd/bank</c>: what the topic <c>bank</c> says.</summary>
public sealed class TellBank(BankPublisher publisher) : IStationCommand
{
    public string Name => "bank";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) => Task.FromResult(
        new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(publisher.Message(), MessageJson.Default.BankMessage) });
}
