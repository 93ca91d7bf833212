using System.Text.Json;
using Microsoft.Extensions.Logging;
using MrfAd.Agent.Health;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Reporting;

namespace MrfAd.Agent.Capture;

/// <summary>The station's command topic: <c>cmd/trigger</c> fires cameras; who names a response topic is told at once whether it was accepted.</summary>
public sealed partial class MqttTriggers(IReadOnlyList<Camera> cameras, IMqttLink link, StationTopics topics, MrfAdMeter meter, ILogger<MqttTriggers> log)
{
    /// <summary>Call before the link is started.</summary>
    public void Subscribe() => link.Subscribe(topics.Command("+"), HandleAsync);

    private async Task HandleAsync(MqttMessage command, CancellationToken cancellationToken)
    {
        var name = StationTopics.CommandName(command.Topic);
        var reply = name == "trigger" ? Fire(command) : Refuse(name, CommandErrorCode.UnknownCommand, $"there is no command '{name}'; there is 'trigger'");
        if (reply.Error is { } error)
            LogRefused(name, error.Message);
        if (StationMessages.Reply(command, reply) is not { } message)
            return;
        try
        {
            await link.PublishAsync(message, cancellationToken);
        }
        catch (MqttLinkException e)
        {
            meter.PublishFailed(MetricLabel.Of(e.Failure));
            LogNoReply(command.ResponseTopic!, e.Message);
        }
    }

    private CommandReply Fire(MqttMessage command)
    {
        TriggerCommand options;
        try
        {
            options = command.Payload.IsEmpty ? new() : JsonSerializer.Deserialize(command.Payload.Span, MessageJson.Default.TriggerCommand) ?? new();
        }
        catch (JsonException e)
        {
            return Refuse("trigger", CommandErrorCode.BadRequest, $"the payload is no trigger command: {e.Message}");
        }

        var asked = cameras.Where(c => c.Options.Trigger == TriggerMode.Mqtt && (options.Camera is null || c.Options.Name == options.Camera)).ToList();
        if (asked.Count == 0)
        {
            var known = string.Join(", ", cameras.Where(c => c.Options.Trigger == TriggerMode.Mqtt).Select(c => c.Options.Name));
            return Refuse("trigger", CommandErrorCode.UnknownCamera, $"want a camera triggered over MQTT ({(known.Length > 0 ? known : "there is none")}), got '{options.Camera ?? "any"}'");
        }

        // All cameras see the same part: one id for all.
        var id = options.Id ?? Guid.CreateVersion7().ToString();
        var triggers = asked.Select(camera => camera.Fire(id, "mqtt")).ToList();
        if (triggers.Contains(null))
            return Refuse("trigger", CommandErrorCode.NotReady, "the station is stopping");
        return triggers.Find(t => t!.Refusal is not null)?.Refusal is { } refusal
            ? Refuse("trigger", refusal.Cause == NoFrameCause.QueueFull ? CommandErrorCode.Busy : CommandErrorCode.NotReady, refusal.Text) with { TriggerId = id }
            : new CommandReply { Command = "trigger", Accepted = true, TriggerId = id };
    }

    private static CommandReply Refuse(string command, CommandErrorCode code, string message) =>
        new() { Command = command, Accepted = false, Error = new CommandError { Code = code, Message = message } };

    [LoggerMessage(111, LogLevel.Warning, "Command '{Command}' refused: {Why}")]
    private partial void LogRefused(string command, string why);

    [LoggerMessage(112, LogLevel.Warning, "No reply to {Topic}: {Why}")]
    private partial void LogNoReply(string topic, string why);
}
