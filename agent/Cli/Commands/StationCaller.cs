using System.Text;
using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;

namespace MrfAd.Cli.Commands;

/// <summary>Asks a station something, once, and waits for its answer.</summary>
internal sealed class StationCaller
{
    // A rollback opens the encoder; a lesson scores the golden parts.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Silence = TimeSpan.FromSeconds(5), Expiry = TimeSpan.FromSeconds(30), ConnectPatience = TimeSpan.FromSeconds(15);

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly string _id = $"{Guid.NewGuid():N}";
    private readonly TaskCompletionSource<CommandReply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string?> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="link">Not yet started.</param>
    public StationCaller(IMqttLink link, StationTopics topics, TimeProvider clock)
    {
        (_link, _topics, _clock) = (link, topics, clock);
        link.Subscribe(Replies, Hear);
        link.ConnectionChanged += reason => _connected.TrySetResult(reason);
    }

    private string Replies => $"mrfad/replies/{_id}";

    /// <param name="key">Signs it; null: it goes as it is.</param>
    /// <param name="say">Told where the answer takes long.</param>
    /// <exception cref="IOException">There is no broker, or no answer.</exception>
    public async Task<CommandReply> AskAsync(string command, string payload, SigningKey? key, Action<string> say, CancellationToken cancellationToken)
    {
        try
        {
            _link.Start();
            if (await _connected.Task.WaitAsync(ConnectPatience, _clock, cancellationToken) is { } reason)
                throw new IOException(reason);
            var body = key is null ? Encoding.UTF8.GetBytes(payload) : Signed(command, payload, key);
            await _link.PublishAsync(
                new MqttMessage(_topics.Command(command), body) { ResponseTopic = Replies, CorrelationData = Encoding.ASCII.GetBytes(_id), Expiry = Expiry }, cancellationToken);
            var reply = _reply.Task.WaitAsync(Patience, _clock, cancellationToken);
            if (await Task.WhenAny(reply, Task.Delay(Silence, _clock, cancellationToken)) != reply)
                say($"{_topics.Root} has not answered yet; it is given {Patience.TotalMinutes:0} minutes");
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

    private Task Hear(MqttMessage message, CancellationToken cancellationToken)
    {
        if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.CommandReply) is { } reply)
            _reply.TrySetResult(reply);
        return Task.CompletedTask;
    }
}
