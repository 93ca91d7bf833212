using System.Text;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Commands;

/// <summary>Sends one command to a station and waits for the reply.</summary>
internal sealed class StationCaller
{
    // A rollback opens the encoder and a correction scores the reference parts, which takes long on a slow device.
    private static readonly TimeSpan ReplyTimeout = TimeSpan.FromMinutes(2), NoticeDelay = TimeSpan.FromSeconds(5), Expiry = TimeSpan.FromSeconds(30), ConnectTimeout = TimeSpan.FromSeconds(15);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly string _id = $"{Guid.NewGuid():N}";
    private readonly TaskCompletionSource<CommandReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="link">A link that is not started yet.</param>
    public StationCaller(IMqttLink link, StationTopics topics, TimeProvider clock)
    {
        (_link, _topics, _clock) = (link, topics, clock);
        link.Subscribe(Replies, OnReply);
        link.ConnectionChanged += reason => _connected.TrySetResult(reason);
    }

    private string Replies => $"mrfad/replies/{_id}";

    /// <param name="key">The key that signs the command; null sends it unsigned.</param>
    /// <param name="report">Receives a message for the user if the reply takes more than some seconds.</param>
    /// <exception cref="IOException">The broker cannot be reached, or the station does not reply.</exception>
    public async Task<CommandReply> AskAsync(string command, string payload, SigningKey? key, Action<string> report, CancellationToken cancellationToken)
    {
        try
        {
            _link.Start();
            if (await _connected.Task.WaitAsync(ConnectTimeout, _clock, cancellationToken) is { } reason)
                throw new IOException(reason);
            var body = key is null ? Encoding.UTF8.GetBytes(payload) : Signed(command, payload, key);
            await _link.PublishAsync(
                new MqttMessage(_topics.Command(command), body) { ResponseTopic = Replies, CorrelationData = Encoding.ASCII.GetBytes(_id), Expiry = Expiry }, cancellationToken);
            var reply = _reply.Task.WaitAsync(ReplyTimeout, _clock, cancellationToken);
            if (await Task.WhenAny(reply, Task.Delay(NoticeDelay, _clock, cancellationToken)) != reply)
                report($"{_topics.Root} has not answered yet; it is given {ReplyTimeout.TotalMinutes:0} minutes");
            return await reply;
        }
        catch (Exception e) when (e is TimeoutException or MqttLinkException)
        {
            throw new IOException($"{_topics.Root} does not answer: {e.Message}", e);
        }
    }

    private byte[] Signed(string command, string payload, SigningKey key)
    {
        var content = new SignedCommand { Key = key.Id, At = _clock.GetUtcNow(), Nonce = _id, Body = payload, Signature = [] };
        content = content with { Signature = key.Sign(CommandVerifier.SignedText(_topics.Root, command, content)) };
        return JsonSerializer.SerializeToUtf8Bytes(content, MessageJson.Default.SignedCommand);
    }

    private Task OnReply(MqttMessage message, CancellationToken cancellationToken)
    {
        if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.CommandReply) is { } reply)
            _reply.TrySetResult(reply);
        return Task.CompletedTask;
    }
}
