using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>A client that receives all messages of the station s1 in order, and can trigger it.</summary>
public sealed class Listener : IAsyncDisposable
{
    public const string Root = "mrfad/v1/site/line/s1";

    /// <summary>The response topic of its commands.</summary>
    public const string Replies = "mrfad/replies/listener";

    private static TimeSpan Timeout => TestTimeout.Value;

    private readonly MqttNetLink _link;
    private readonly Channel<MqttMessage> _received = Channel.CreateUnbounded<MqttMessage>();
    private readonly List<MqttMessage> _all = [];

    private Listener(int port)
    {
        var options = new MqttOptions { Port = port, ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) };
        _link = new MqttNetLink(options with { ClientId = $"listener-{Guid.NewGuid():N}" }, null, TimeProvider.System, NullLogger.Instance);
        // One subscription for all topics, because each subscription has its own pump and the order between topics matters here.
        _link.Subscribe("mrfad/#", async (message, stop) =>
        {
            if (message.Topic == Replies || message.Topic.StartsWith($"{Root}/", StringComparison.Ordinal))
                await _received.Writer.WriteAsync(message, stop);
        });
    }

    /// <summary>All messages that were taken from the queue, for checks at the end.</summary>
    public IReadOnlyList<MqttMessage> All => _all;

    public static async Task<Listener> ConnectedAsync(int port)
    {
        var listener = new Listener(port);
        var connected = new TaskCompletionSource();
        listener._link.ConnectionChanged += reason =>
        {
            if (reason is null)
                connected.TrySetResult();
        };
        listener._link.Start();
        await connected.Task.WaitAsync(Timeout);
        return listener;
    }

    public async Task TriggerAsync(string payload = "", string command = "trigger", string? correlation = null) => await _link.PublishAsync(
        new MqttMessage($"{Root}/cmd/{command}", Encoding.UTF8.GetBytes(payload)) { ResponseTopic = Replies, CorrelationData = Encoding.UTF8.GetBytes(correlation ?? payload) },
        CancellationToken.None);

    /// <summary>Receives messages until one satisfies the condition, and returns it.</summary>
    public async Task<MqttMessage> UntilAsync(Func<MqttMessage, bool> condition)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        while (true)
        {
            MqttMessage message;
            try
            {
                message = await _received.Reader.ReadAsync(timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"not received; received: {string.Join(", ", _all.Select(m => $"{m.Topic} {m.Payload.Length}"))}");
            }

            _all.Add(message);
            if (condition(message))
                return message;
        }
    }

    /// <summary>Receives messages until <paramref name="count"/> of a kind have been received since the beginning.</summary>
    public async Task ReceivedAsync(int count, Func<MqttMessage, bool> kind)
    {
        while (_all.Count(kind) < count)
            await UntilAsync(kind);
    }

    /// <summary>Receives messages until the condition on all of them holds, however many others come meanwhile.</summary>
    /// <param name="what">Says what is there, for the error.</param>
    public async Task ReceivedAllAsync(Func<bool> condition, Func<string> what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > 2 * Timeout)
                throw new TimeoutException(what());
            await UntilAsync(_ => true);
        }
    }

    public Task StateAsync(StationState state) => UntilAsync(m => m.Topic == $"{Root}/state" && State(m).State == state);

    public async Task<StatusMessage> StatusAsync(Presence presence) => Status(await UntilAsync(m => m.Topic == $"{Root}/status" && Status(m).Status == presence));

    /// <returns>The next verdicts.</returns>
    public async Task<IReadOnlyList<VerdictMessage>> VerdictsAsync(int count)
    {
        var verdicts = new List<VerdictMessage>();
        while (verdicts.Count < count)
            verdicts.Add(Verdict(await UntilAsync(IsVerdict)));
        return verdicts;
    }

    public static bool IsVerdict(MqttMessage message) => message.Topic.EndsWith("/verdict", StringComparison.Ordinal);

    public static bool IsPart(MqttMessage message) => message.Topic == $"{Root}/part";

    public static PartMessage Part(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.PartMessage)!;

    public static bool IsHeatmap(MqttMessage message) => message.Topic.EndsWith("/heatmap", StringComparison.Ordinal);

    public static bool IsFrame(MqttMessage message) => message.Topic.EndsWith("/frame", StringComparison.Ordinal);

    public static bool IsReply(MqttMessage message) => message.Topic == Replies;

    public static VerdictMessage Verdict(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.VerdictMessage)!;

    public static StationStateMessage State(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StationStateMessage)!;

    public static StatusMessage Status(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StatusMessage)!;

    public static CommandReply Reply(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.CommandReply)!;

    /// <summary>Asserts that every JSON message received so far validates against the schema of its kind.</summary>
    public void AssertSchemas(bool replies = true)
    {
        AssertSchema("verdict", IsVerdict);
        AssertSchema("state", m => m.Topic == $"{Root}/state");
        AssertSchema("status", m => m.Topic == $"{Root}/status");
        if (replies)
            AssertSchema("reply", IsReply);
        if (_all.Exists(IsPart))
            AssertSchema("part", IsPart);
    }

    private void AssertSchema(string name, Func<MqttMessage, bool> of)
    {
        var documents = _all.Where(of).Select(m => Encoding.UTF8.GetString(m.Payload.Span)).ToList();
        Assert.NotEmpty(documents);
        Assert.All(documents, document => Assert.Empty(JsonSchemaValidator.ForMessage(name).Errors(document)));
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();
}
