using System.Diagnostics;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Triggers;

namespace MrfAd.Station.Control;

/// <summary>
/// The command <c>cmd/trigger</c>: fires cameras. A trigger is on disk before its message is acknowledged. One whose id a camera knows already takes no
/// second image; its verdict is sent once more.
/// </summary>
public sealed class TriggerCameras(IReadOnlyList<Camera> cameras, TriggerService triggers) : IStationCommand
{
    public string Name => "trigger";

    public CommandKind Kind => CommandKind.Trigger;

    public bool BeforeAcknowledgement => true;

    public Task<CommandReply> RunAsync(CommandCall command, CancellationToken cancellationToken)
    {
        var options = CommandPayload.Read(command, MessageJson.Default.TriggerCommand);
        CommandPayload.CheckName("id", options.Id);
        CommandPayload.CheckName("camera", options.Camera);
        CommandPayload.CheckName("product", options.Product);
        foreach (var (field, text) in ((string, string?)[])[("serial", options.Serial), ("part", options.Part)])
        {
            if (text is not null && PartInfo.Fault(text) is { } fault)
                throw new CommandException(CommandErrorCode.BadRequest, $"'{field}': {fault}");
        }

        var triggered = cameras.Where(c => c.Options is { Trigger: TriggerMode.Mqtt, FramesAreSent: false }).ToList();
        var asked = triggered.Where(c => options.Camera is null || c.Options.Name == options.Camera).ToList();
        if (asked.Count == 0)
        {
            var known = triggered.Count > 0 ? string.Join(", ", triggered.Select(c => c.Options.Name)) : "there is none";
            throw new CommandException(CommandErrorCode.UnknownCamera, $"want a camera triggered over MQTT ({known}), got '{options.Camera ?? "any"}'");
        }

        // All cameras see the same part, so their triggers share one id.
        var id = options.Id ?? (command.CorrelationId is { Length: <= StationTopics.MaxNameLength } correlation ? correlation : Guid.CreateVersion7().ToString());
        var part = PartInfo.Of(options.Serial, options.Meta, options.Part);
        var refusals = asked.Select(camera => Fire(camera, id, part, options.Product, command.Sender)).OfType<NoFrame>().ToList();
        var reply = new CommandReply { Command = Name, Accepted = refusals.Count == 0, TriggerId = id };
        return Task.FromResult(refusals.Count == 0 ? reply : reply with
        {
            Error = new CommandError { Code = CodeOf(refusals[0].Cause), Message = refusals[0].Text },
        });
    }

    private static CommandErrorCode CodeOf(NoFrameCause cause) => cause switch
    {
        NoFrameCause.QueueFull => CommandErrorCode.Busy,
        NoFrameCause.UnknownProduct => CommandErrorCode.NotFound,
        _ => CommandErrorCode.NotReady,
    };

    /// <summary>Fires one camera.</summary>
    /// <returns>The reason why no image will be taken; null where one is taken, or was taken already.</returns>
    private NoFrame? Fire(Camera camera, string id, PartInfo? part, string? product, ActivityContext sender)
    {
        var trigger = triggers.Fire(camera, id, "mqtt", sent: null, out var isRepeated, part, product, sender);
        return isRepeated ? null : trigger is null ? new NoFrame(NoFrameCause.Stopping, "the station is stopping; its verdict, INVALID, comes with the next start") : trigger.Refusal;
    }
}
