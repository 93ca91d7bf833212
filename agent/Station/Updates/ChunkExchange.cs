using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Updates;

/// <summary>
/// The station's side of an update over MQTT: receives offers, requests chunks by number, a window at a time, and requests missing ones again. It has a
/// connection of its own, so that no trigger waits behind a chunk.
/// </summary>
public sealed partial class ChunkExchange : IAsyncDisposable
{
    // A missing chunk is requested again after the first timeout, then after twice as long, up to the maximum: the sender may be away for days.
    private static readonly TimeSpan FirstTimeout = TimeSpan.FromSeconds(4), MaxTimeout = TimeSpan.FromSeconds(30);

    // Maximum size of all requested chunks in bytes: large chunks come one by one.
    private const int MaxWindowBytes = 16 * 1024 * 1024;

    // A chunk that arrives wrong this many times means that the sender has another file.
    private const int MaxWrong = 5;

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Channel<(int Number, ReadOnlyMemory<byte> Bytes)> _chunks = Channel.CreateBounded<(int, ReadOnlyMemory<byte>)>(new BoundedChannelOptions(64) { SingleReader = true });
    private volatile string _wanted = "";

    /// <param name="link">A link that is not started yet; this object owns it.</param>
    public ChunkExchange(IMqttLink link, StationTopics topics, TimeProvider clock, ILogger log)
    {
        (_link, _topics, _clock, _log) = (link, topics, clock, log);
        link.Subscribe(topics.UpdateOffer, OnOfferAsync);
        link.Subscribe(topics.UpdateChunk("+", "+"), (_, _) => Task.CompletedTask, Accept);
    }

    /// <summary>Called with the payload of an offer, which should be a signed manifest. Returns why the offer is refused, or null where it is accepted.</summary>
    public Func<ReadOnlyMemory<byte>, string?>? OfferHandler { get; set; }

    public void Start() => _link.Start();

    /// <summary>Signals that the sender is back, so that missing chunks are requested at once.</summary>
    public void Signal() => _chunks.Writer.TryWrite((Signalled, default));

    /// <summary>Fetches the chunks of a file. Completes when it has all of them, however long that takes.</summary>
    /// <exception cref="UpdateRefusedException">The chunks do not agree with the manifest.</exception>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public async Task PullAsync(IncomingFile file, ModelManifest manifest, int window, Action<double> progress, CancellationToken cancellationToken)
    {
        window = Math.Max(1, Math.Min(window, MaxWindowBytes / manifest.ChunkBytes));
        _wanted = manifest.Sha256;
        var (requested, wrong, timeout, cameAt) = (file.Next, 0, FirstTimeout, 0L);
        try
        {
            while (!file.IsComplete)
            {
                if (requested - file.Next <= window / 2 && requested < file.Count)
                    requested = await RequestAsync(manifest.Sha256, requested, Math.Min(file.Next + window, file.Count) - requested, cancellationToken);
                var (number, bytes) = await NextAsync(timeout, cancellationToken);
                if (file.Add(number, bytes.Span))
                {
                    (wrong, timeout, cameAt) = (0, FirstTimeout, _clock.GetTimestamp());
                    progress((double)file.Next / file.Count);
                }
                else if (number == file.Next && ++wrong >= MaxWrong)
                {
                    throw new UpdateRefusedException($"chunk {number} came {MaxWrong} times with other bytes than the manifest says");
                }
                else if (number is TimedOut || number == file.Next || (number is Signalled && _clock.GetElapsedTime(cameAt) > FirstTimeout / 2))
                {
                    requested = file.Next;
                    timeout = number == TimedOut ? TimeSpan.FromTicks(Math.Min(2 * timeout.Ticks, MaxTimeout.Ticks)) : FirstTimeout;
                }
            }
        }
        finally
        {
            _wanted = "";
            while (_chunks.Reader.TryRead(out _))
            {
            }
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private const int TimedOut = -2, Signalled = -1;

    /// <summary>Accepts a chunk on the network thread; one that nobody waits for is dropped at once.</summary>
    private bool Accept(MqttMessage message)
    {
        var levels = message.Topic.Split('/');
        if (levels[^2] == _wanted && int.TryParse(levels[^1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
            _chunks.Writer.TryWrite((number, message.Payload));
        return false;
    }

    private async Task<(int Number, ReadOnlyMemory<byte> Bytes)> NextAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = new CancellationTokenSource(timeout, _clock);
        await using var _ = timer.Token.Register(end.Cancel);
        try
        {
            return await _chunks.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (TimedOut, default);
        }
    }

    private async Task OnOfferAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (OfferHandler?.Invoke(message.Payload) is not { } reason)
            return;
        var refusal = new OfferRefusal { OfferSha256 = Convert.ToHexStringLower(SHA256.HashData(message.Payload.Span)), Reason = reason };
        await _link.PublishAsync(
            new MqttMessage(_topics.UpdateRefusal, JsonSerializer.SerializeToUtf8Bytes(refusal, MessageJson.Default.OfferRefusal)) { ContentType = "application/json" }, cancellationToken);
    }

    private async Task<int> RequestAsync(string sha256, int from, int count, CancellationToken cancellationToken)
    {
        var want = new ChunkRequest { Sha256 = sha256, From = from, Count = Math.Min(count, 64) };
        try
        {
            await _link.PublishAsync(
                new MqttMessage(_topics.UpdateWant, JsonSerializer.SerializeToUtf8Bytes(want, MessageJson.Default.ChunkRequest)) { ContentType = "application/json" }, cancellationToken);
            return from + want.Count;
        }
        catch (MqttLinkException e)
        {
            // The chunks are requested again after the timeout.
            LogNotRequested(_log, e.Message);
            return from;
        }
    }

    [LoggerMessage(711, LogLevel.Debug, "Chunks could not be requested: {Why}")]
    private static partial void LogNotRequested(ILogger log, string why);
}
