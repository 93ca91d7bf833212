using System.Threading.Channels;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Mqtt;

/// <summary>A link whose received messages and connection changes can be awaited in order.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private static TimeSpan Timeout => TestTimeout.Value;

    // A refused topic is tried again after half a minute at most; only a fault reaches this.
    private static TimeSpan ProblemsTimeout => TestTimeout.Value * 3;

    private readonly Channel<string?> _changes = Channel.CreateUnbounded<string?>();
    private readonly Channel<LinkProblems> _problems = Channel.CreateUnbounded<LinkProblems>();
    private readonly Channel<MqttMessage> _messages = Channel.CreateUnbounded<MqttMessage>();

    private Peer(MqttOptions options, MqttMessage? will, TimeProvider clock)
    {
        Options = options;
        Link = new MqttNetLink(options, () => will, clock, Log);
        Link.ConnectionChanged += reason => _changes.Writer.TryWrite(reason);
        Link.ProblemsChanged += problems => _problems.Writer.TryWrite(problems);
    }

    public IMqttLink Link { get; }

    public MqttOptions Options { get; }

    public RecordingLogger Log { get; } = new();

    /// <summary>Creates a link that is not started yet.</summary>
    public static Peer At(int port, MqttMessage? will = null, Func<MqttOptions, MqttOptions>? options = null, TimeProvider? clock = null)
    {
        var plain = new MqttOptions { Port = port, ClientId = $"peer-{Guid.NewGuid():N}", ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) };
        return new Peer(options is null ? plain : options(plain), will, clock ?? TimeProvider.System);
    }

    public static async Task<Peer> ConnectedAsync(int port, string? listenTo = null, MqttMessage? will = null)
    {
        var peer = At(port, will);
        if (listenTo is not null)
            peer.Listen(listenTo);
        peer.Link.Start();
        await peer.ConnectionAsync();
        return peer;
    }

    public void Listen(string filter) =>
        Link.Subscribe(filter, async (message, cancellationToken) => await _messages.Writer.WriteAsync(message, cancellationToken));

    /// <summary>Waits for the next connect.</summary>
    public async Task ConnectionAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout);
        var reason = "";
        while (reason is not null)
        {
            timeout.Token.ThrowIfCancellationRequested();
            reason = await _changes.Reader.ReadAsync(timeout.Token);
        }
    }

    /// <returns>The reason why the connection was lost or refused.</returns>
    public async Task<string> LossAsync()
    {
        while (true)
        {
            if (await _changes.Reader.ReadAsync().AsTask().WaitAsync(Timeout) is { } reason)
                return reason;
        }
    }

    /// <summary>Waits until the problems of the link are so.</summary>
    public async Task<LinkProblems> ProblemsAsync(Func<LinkProblems, bool> condition)
    {
        using var timeout = new CancellationTokenSource(ProblemsTimeout);
        LinkProblems problems;
        do
            problems = await _problems.Reader.ReadAsync(timeout.Token);
        while (!condition(problems));
        return problems;
    }

    public Task<MqttMessage> NextAsync() => _messages.Reader.ReadAsync().AsTask().WaitAsync(Timeout);

    /// <returns>The next message that the condition accepts; those before it are taken and dropped.</returns>
    public async Task<MqttMessage> UntilAsync(Func<MqttMessage, bool> condition)
    {
        MqttMessage message;
        do
            message = await NextAsync();
        while (!condition(message));
        return message;
    }

    public Task PublishAsync(MqttMessage message) => Link.PublishAsync(message, CancellationToken.None).WaitAsync(Timeout);

    public Task PublishAsync(string topic, string text) => PublishAsync(new MqttMessage(topic, System.Text.Encoding.UTF8.GetBytes(text)));

    public ValueTask DisposeAsync() => Link.DisposeAsync();
}
