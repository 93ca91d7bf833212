using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Products;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/product</c>: makes a product the active one. It is carried out before it is acknowledged, so that a trigger sent after it is judged by that product.</summary>
public sealed class SetProduct(IReadOnlyList<Camera> cameras, ActiveProducts products, TimeProvider clock) : IStationCommand
{
    public string Name => "product";

    public CommandKind Kind => CommandKind.Change;

    public bool BeforeAcknowledgement => true;

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.ProductCommand);
        // JSON without the field leaves null here, although the type is not nullable.
        var product = wanted.Product ?? "";
        CommandPayload.CheckName("product", product);
        CommandPayload.CheckName("camera", wanted.Camera);
        if (products.Refuse(product) is { } refusal)
            throw new CommandException(CommandErrorCode.NotFound, refusal);
        var names = cameras.Select(c => c.Options.Name).Where(name => wanted.Camera is null || wanted.Camera == name).ToList();
        if (names.Count == 0)
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted.Camera}'");
        products.Set(product, names, command.Signer ?? "mqtt", clock.GetUtcNow());
        var result = new ProductResult { Cameras = names, Product = product };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.ProductResult) });
    }
}
