using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/bank</c>: returns the message of the topic <c>bank</c>.</summary>
public sealed class ReportBank(DetectorBanks banks) : IStationCommand
{
    public string Name => "bank";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.DetectorCommand);
        var detector = CommandPayload.Find(banks, wanted.Product, wanted.Camera);
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(detector.Publisher.Message(), MessageJson.Default.BankMessage) });
    }
}
