using System.Text.Json;
using MrfAd.Agent.BankUpdates;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Control;

/// <summary><c>cmd/fetch</c>: a new bank from an http(s) address or a file on the station; how it goes on is told by <c>bank</c>.</summary>
public sealed class FetchBank(FileFetch fetch, UpdateWorker updates, BankPublisher publisher) : IStationCommand
{
    public string Name => "fetch";

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var source = CommandPayload.Read(command, MessageJson.Default.FetchCommand).Source;
        if (!FileFetch.IsAddress(source) && !Path.IsPathRooted(source))
            throw new CommandException(CommandErrorCode.BadRequest, $"'source': want an http(s) address or a whole path, got '{source}'");
        try
        {
            updates.Offer(await fetch.OfferAsync(source, cancellationToken), source, command.Signer ?? "mqtt");
        }
        catch (Exception e) when (e is UpdateRefusedException or IOException or HttpRequestException or TimeoutException)
        {
            throw new CommandException(e is UpdateRefusedException ? CommandErrorCode.Refused : CommandErrorCode.Failed, e.Message, e);
        }

        return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(publisher.Message(), MessageJson.Default.BankMessage) };
    }
}
