using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Control;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Integration.Tests.Attacks;

/// <content>What the attacker does by MQTT.</content>
public sealed partial class AttackedStation
{
    /// <summary>Publishes a message; the broker may have disconnected the attacker before.</summary>
    internal async Task PublishAsync(MqttMessage message)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        while (true)
        {
            try
            {
                await _link.PublishAsync(message, timeout.Token);
                return;
            }
            catch (MqttLinkException e) when (e.Failure == MqttFailure.NotConnected)
            {
                await Task.Delay(Moment, timeout.Token);
            }
        }
    }

    /// <summary>Publishes something that the broker may refuse.</summary>
    /// <returns>"published", or the broker's refusal.</returns>
    internal async Task<string> TryPublishAsync(MqttMessage message)
    {
        try
        {
            await PublishAsync(message);
            return "published";
        }
        catch (MqttLinkException e)
        {
            return $"refused by the broker: {e.Message}";
        }
    }

    /// <returns>"accepted", or the code and the message of the refusal.</returns>
    internal Task<string> AskAsync(string command, string payload) => AskAsync(command, Utf8(payload));

    internal async Task<string> AskAsync(string command, byte[] payload, byte[]? correlation = null)
    {
        correlation ??= Guid.NewGuid().ToByteArray();
        await PublishAsync(new MqttMessage($"{Topics.Root}/cmd/{command}", payload) { ResponseTopic = Listener.Replies, CorrelationData = correlation });
        var reply = Listener.Reply(await Listener.UntilAsync(m => Listener.IsReply(m) && m.CorrelationData.Span.SequenceEqual(correlation)));
        return reply.Error is { } error ? $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Code.ToString())}: {error.Message}" : "accepted";
    }

    /// <summary>Asks for the state again and again until it is answered: a broker may have disconnected the station, and a question meanwhile is lost.</summary>
    internal async Task AnswersAsync()
    {
        var mark = Guid.NewGuid().ToByteArray();
        var answer = Listener.UntilAsync(m => Listener.IsReply(m) && m.CorrelationData.Span.SequenceEqual(mark));
        while (!answer.IsCompleted)
        {
            await PublishAsync(new MqttMessage(Topics.Command("state"), default) { ResponseTopic = Listener.Replies, CorrelationData = mark });
            await Task.WhenAny(answer, Task.Delay(AskAgainAfter));
        }

        await answer;
    }

    /// <summary>Sends a payload to each command; to those that must be signed it is the body that the office signs.</summary>
    /// <returns>The refusals with their commands, such as "bad_request: trigger, snapshot; accepted: state".</returns>
    internal async Task<string> AskAllAsync(string payload)
    {
        var outcomes = new List<(string Code, string Command)>();
        foreach (var command in (string[])["trigger", "state", "config", "snapshot", "replay", "bank", "selftest", "threshold", "teach", "rollback", "fetch"])
        {
            var isChange = command is "threshold" or "teach" or "rollback" or "fetch";
            outcomes.Add(((await AskAsync(command, isChange ? Signed(command, payload) : payload)).Split(':')[0], command));
        }

        return string.Join("; ", outcomes.GroupBy(o => o.Code).Select(g => $"{g.Key}: {string.Join(", ", g.Select(o => o.Command))}"));
    }

    /// <summary>Signs a command.</summary>
    /// <param name="isStranger">True for a key that the station does not trust.</param>
    /// <param name="key">The name of the key in the command; null for its own.</param>
    /// <param name="tamper">Changes the signed command.</param>
    internal string Signed(
        string command, string body, bool isStranger = false, string? key = null, TimeSpan age = default, string? root = null, string? nonce = null, Func<SignedCommand, SignedCommand>? tamper = null)
    {
        var signer = isStranger ? _stranger.Key : Office.Key;
        var content = new SignedCommand { Key = key ?? signer.Id, At = TimeProvider.System.GetUtcNow() - age, Nonce = nonce ?? $"{Guid.NewGuid()}", Body = body, Signature = [] };
        content = content with { Signature = signer.Sign(CommandVerifier.SignedText(root ?? Topics.Root, command, content)) };
        return JsonSerializer.Serialize(tamper?.Invoke(content) ?? content, MessageJson.Default.SignedCommand);
    }

    /// <summary>Cuts the station's connection to the broker, so that it connects anew.</summary>
    internal async Task ReconnectAsync()
    {
        _proxy.Cut();
        await Listener.StatusAsync(Presence.Online);
    }

    /// <summary>Connects a further client.</summary>
    /// <param name="will">The message that the broker publishes when the connection is lost.</param>
    internal async Task<IMqttLink> LinkAsync(string clientId, int? port = null, MqttMessage? will = null)
    {
        var link = new MqttNetLink(new MqttOptions { Port = port ?? Broker.Port, ClientId = clientId }, () => will, TimeProvider.System, NullLogger.Instance);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += reason =>
        {
            if (reason is null)
                connected.TrySetResult();
        };
        link.Start();
        await connected.Task.WaitAsync(Timeout);
        return link;
    }
}
