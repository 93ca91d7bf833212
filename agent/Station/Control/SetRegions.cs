using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/regions</c>: sets the regions of a part, or returns to the bank's own; the change is stored and written to the audit log.</summary>
public sealed class SetRegions(IReadOnlyList<Camera> cameras, Detectors detectors, StationRegions regions, ActiveProducts products, TimeProvider clock) : IStationCommand
{
    public string Name => "regions";

    public CommandKind Kind => CommandKind.Change;

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.RegionsCommand);
        CommandPayload.CheckName("camera", wanted.Camera);
        CommandPayload.CheckProduct(products.Names, wanted.Product);
        if (cameras.Where(c => wanted.Camera is null || wanted.Camera == c.Options.Name).ToList() is not [var camera])
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted.Camera ?? "none"}'");
        var name = camera.Options.Name;
        var detector = detectors.Of(name, wanted.Product);
        var info = detector.Info ?? throw new CommandException(CommandErrorCode.NotReady, detector.WhyNone);
        var setting = wanted.Regions is null ? null : Checked(wanted.Regions, info);
        regions.Set(name, wanted.Product, setting, command.Signer ?? "mqtt", clock.GetUtcNow());
        var result = new RegionsResult { Camera = name, Product = wanted.Product, RegionsSha256 = (setting?.Regions ?? info.Regions)?.Sha256 };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.RegionsResult) });
    }

    private static RegionSetting Checked(RegionDrawing drawing, InspectorInfo info)
    {
        var drawn = new PartRegions
        {
            WidthPx = drawing.WidthPx,
            HeightPx = drawing.HeightPx,
            Image = info.Reference?.Image,
            Regions = [.. drawing.Regions.Select(ToRegion)],
        };
        var setting = new RegionSetting(drawn, info.ReferenceSha256);
        if ((drawn.Fault ?? StationRegions.Misfit(setting, info)) is { } fault)
            throw new CommandException(CommandErrorCode.BadRequest, fault);
        if (info.Reference is { } reference && drawing.Image is { } image && image != reference.Image)
            throw new CommandException(CommandErrorCode.BadRequest, $"want regions that are drawn over the bank's reference, {reference.Image}, got some over {image}");
        try
        {
            _ = new RegionLabels(drawn);
            return setting;
        }
        catch (RegionException e)
        {
            throw new CommandException(CommandErrorCode.BadRequest, e.Message, e);
        }
    }

    // Null stands for a null in the list, which the check of the regions names.
    private static PartRegion ToRegion(RegionShape? shape) => shape is null ? null! : new PartRegion
    {
        Name = shape.Name,
        Kind = shape.Kind switch
        {
            RegionShape.Kinds.Inspect => RegionKind.Inspect,
            RegionShape.Kinds.Ignore => RegionKind.Ignore,
            _ => RegionKind.Named,
        },
        Threshold = shape.Threshold,
        MinAreaPx = shape.MinAreaPx,
        Points = shape.Points,
    };
}
