using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/fetch</c>: fetches a new bank from an http(s) address or a file on the station; its progress is published on the topic <c>bank</c>.</summary>
public sealed class FetchBank(FileFetch fetch, DetectorBanks banks, UpdateOptions options) : IStationCommand
{
    public string Name => "fetch";

    public CommandKind Kind => CommandKind.Change;

    public bool IsSlow => true;

    public async Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.FetchCommand);
        // JSON without the field leaves null here, although the type is not nullable.
        var (source, bank) = (wanted.Source ?? "", CommandPayload.Find(banks, wanted.Product, wanted.Camera));
        if (!FetchPlace.IsAddress(source) && !Path.IsPathRooted(source))
            throw new CommandException(CommandErrorCode.BadRequest, $"'source': want an http(s) address or a whole path, got '{source}'");
        if (!options.FetchFrom.Any(place => FetchPlace.Holds(place, source)))
            throw new CommandException(CommandErrorCode.NotAuthorized, $"'source': want what lies below one of updates.fetch_from ({(options.FetchFrom.Count == 0 ? "there is none" : string.Join(", ", options.FetchFrom))}), got '{source}'");
        try
        {
            bank.Updates.Offer(await fetch.OfferAsync(source, cancellationToken), source, command.Signer ?? "mqtt");
        }
        catch (Exception e) when (e is UpdateRefusedException or IOException or HttpRequestException or TimeoutException)
        {
            throw new CommandException(e is UpdateRefusedException ? CommandErrorCode.Refused : CommandErrorCode.Failed, e.Message, e);
        }

        return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(bank.Publisher.Message(), MessageJson.Default.BankMessage) };
    }
}
