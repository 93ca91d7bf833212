using System.Text.Json;
using MrfAd.Agent.Capture;
using MrfAd.Agent.Health;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Control;

/// <summary><c>cmd/threshold</c>: within bounds, kept, and audited.</summary>
public sealed class SetThreshold(
    IReadOnlyList<Camera> cameras, InspectionWorker inspection, Thresholds thresholds, ControlOptions options, MrfAdMeter meter, TimeProvider clock) : IStationCommand
{
    public string Name => "threshold";

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var wanted = CommandPayload.Read(command, MessageJson.Default.ThresholdCommand);
        CommandPayload.CheckName("camera", wanted.Camera);
        var names = cameras.Select(c => c.Options.Name).Where(name => wanted.Camera is null || wanted.Camera == name).ToList();
        if (names.Count == 0)
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{wanted.Camera}'");
        var info = inspection.Info ?? throw new CommandException(CommandErrorCode.NotReady, "the bank is still being loaded");
        var (least, most) = (info.Threshold / options.ThresholdWithin, info.Threshold * options.ThresholdWithin);
        if (wanted.Threshold is { } value && !(value >= least && value <= most))
            throw new CommandException(CommandErrorCode.OutOfBounds, FormattableString.Invariant($"want {least:0.####} to {most:0.####} (the bank's own is {info.Threshold:0.####}), got {value}"));

        var setting = wanted.Threshold is { } threshold ? new ThresholdSetting(threshold, info.BankSha256) : null;
        foreach (var name in names)
        {
            thresholds.Set(name, setting, command.Signer ?? "mqtt", clock.GetUtcNow());
            meter.SetThreshold(name, wanted.Threshold ?? info.Threshold);
        }

        var result = new ThresholdResult { Cameras = names, Threshold = wanted.Threshold ?? info.Threshold, OfBank = info.Threshold };
        return Task.FromResult(new CommandReply { Command = Name, Accepted = true, Result = JsonSerializer.SerializeToNode(result, MessageJson.Default.ThresholdResult) });
    }
}
