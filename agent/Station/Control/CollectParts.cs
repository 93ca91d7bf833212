using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Collecting;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/collect</c>: calls collected parts good, takes that back, and learns the first model of a camera or product.</summary>
public sealed class CollectParts(IReadOnlyList<Camera> cameras, Collections collections, ActiveProducts products) : IStationCommand
{
    public string Name => "collect";

    public CommandKind Kind => CommandKind.Change;

    // Files are moved on a disk that may be slow.
    public bool IsSlow => true;

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken) => Task.Run(() => Run(command), cancellationToken);

    private CommandReply Run(CommandCall command)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.CollectCommand);
        CommandPayload.CheckName("camera", wanted.Camera);
        CommandPayload.CheckProduct(products.Names, wanted.Product);
        CheckCount("good", wanted.Good);
        CheckCount("not_good", wanted.NotGood);
        if (cameras.Where(c => wanted.Camera is null || wanted.Camera == c.Options.Name).ToList() is not [{ Options.Name: var name }])
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted.Camera ?? "none"}'");
        try
        {
            var model = collections.Of(name, wanted.Product) ?? throw new UpdateRefusedException(
                $"{wanted.Product ?? name} had a model when the station started{(collections.Options.Enabled ? "" : ", which collects nothing (collect.enabled)")}");
            collections.Mark(model, name, wanted.Good ?? [], isGood: true);
            collections.Mark(model, name, wanted.NotGood ?? [], isGood: false);
            if (wanted.Learn)
                _ = model.Begin(command.Signer ?? "mqtt");
            return new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(collections.Describe(model, name), MessageJson.Default.CollectResult) };
        }
        catch (Exception e) when (e is UpdateRefusedException or IOException)
        {
            throw new CommandException(CommandErrorCode.Refused, e.Message, e);
        }
    }

    private static void CheckCount(string field, IReadOnlyList<Guid>? ids)
    {
        if (ids is { Count: 0 or > CollectCommand.MaxVerdicts })
            throw new CommandException(CommandErrorCode.BadRequest, $"'{field}': want 1 to {CollectCommand.MaxVerdicts} ids, got {ids.Count}");
    }
}
