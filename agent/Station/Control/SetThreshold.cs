using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Control;

/// <summary>The command <c>cmd/threshold</c>: sets or resets a threshold, within bounds; the change is stored and written to the audit log.</summary>
public sealed class SetThreshold(
    IReadOnlyList<Camera> cameras, Detectors detectors, Thresholds thresholds, ActiveProducts products, ControlOptions options, MrfAdMeter meter, TimeProvider clock) : IStationCommand
{
    public string Name => "threshold";

    public CommandKind Kind => CommandKind.Change;

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.ThresholdCommand);
        CommandPayload.CheckName("camera", wanted.Camera);
        CommandPayload.CheckProduct(products.Names, wanted.Product);
        var names = cameras.Select(c => c.Options.Name).Where(name => wanted.Camera is null || wanted.Camera == name).ToList();
        if (names.Count == 0)
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted.Camera}'");
        var infos = names.ToDictionary(name => name, name => InfoOf(detectors.Of(name, wanted.Product)));
        foreach (var own in infos.Values.Select(info => info.Threshold))
        {
            var (min, max) = (own / options.ThresholdWithin, own * options.ThresholdWithin);
            if (wanted.Threshold is { } value && !(value >= min && value <= max))
                throw new CommandException(CommandErrorCode.OutOfBounds, FormattableString.Invariant($"want {min:0.####} to {max:0.####} (the bank's own is {own:0.####}), got {value}"));
        }

        foreach (var (name, info) in infos)
        {
            thresholds.Set(name, wanted.Product, wanted.Threshold is { } threshold ? new ThresholdSetting(threshold, info.BankSha256) : null, command.Signer ?? "mqtt", clock.GetUtcNow());
            meter.SetThreshold(name, wanted.Product, wanted.Threshold ?? cameras.First(c => c.Options.Name == name).OptionsOf(wanted.Product).Threshold ?? info.Threshold);
        }

        var ofBank = infos[names[0]].Threshold;
        var result = new ThresholdResult { Cameras = names, Threshold = wanted.Threshold ?? ofBank, OfBank = ofBank };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.ThresholdResult) });
    }

    private static InspectorInfo InfoOf(Detector detector) => detector.Info ?? throw new CommandException(CommandErrorCode.NotReady, detector.WhyNone);
}
