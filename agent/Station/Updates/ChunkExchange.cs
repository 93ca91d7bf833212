using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Updates;

/// <summary>
/// The station's end of an update over MQTT: hears offers, asks for chunks by number, a window at once, and asks again for what does not come. On a
/// connection of its own, so that no trigger waits behind a chunk.
/// </summary>
public sealed partial class ChunkExchange : IAsyncDisposable
{
    // Whoever sends may be away for days: asked again after so long, then twice as long, …
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(4), LastPatience = TimeSpan.FromSeconds(30);

    // On their way at once, in bytes: large chunks come one by one.
    private const int WindowBytes = 16 * 1024 * 1024;

    // So often a chunk may come wrong before the sender's file is believed to be another.
    private const int MostWrong = 5;

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Channel<(int Number, ReadOnlyMemory<byte> Bytes)> _chunks = Channel.CreateBounded<(int, ReadOnlyMemory<byte>)>(new BoundedChannelOptions(64) { SingleReader = true });
    private volatile string _wanted = "";

    /// <param name="link">Not yet started; taken over.</param>
    public ChunkExchange(IMqttLink link, StationTopics topics, TimeProvider clock, ILogger log)
    {
        (_link, _topics, _clock, _log) = (link, topics, clock, log);
        link.Subscribe(topics.UpdateOffer, HearAsync);
        link.Subscribe(topics.UpdateChunk("+", "+"), (_, _) => Task.CompletedTask, Accept);
    }

    /// <summary>Somebody offers a version: a signed manifest, not yet looked at. The answer: why it is refused, or null.</summary>
    public Func<ReadOnlyMemory<byte>, string?>? Offered { get; set; }

    public void Start() => _link.Start();

    /// <summary>The sender is there again: it is asked at once.</summary>
    public void Wake() => _chunks.Writer.TryWrite((-1, default));

    /// <summary>Completes when the file has all its chunks; for as long as it takes.</summary>
    /// <exception cref="UpdateRefusedException">What is sent is not what the manifest says.</exception>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public async Task PullAsync(IncomingFile file, ModelManifest manifest, int window, Action<double> progress, CancellationToken cancellationToken)
    {
        window = Math.Max(1, Math.Min(window, WindowBytes / manifest.ChunkBytes));
        _wanted = manifest.Sha256;
        var (asked, wrong, patience, cameAt) = (file.Next, 0, FirstPatience, 0L);
        try
        {
            while (!file.IsComplete)
            {
                if (asked - file.Next <= window / 2 && asked < file.Count)
                    asked = await AskAsync(manifest.Sha256, asked, Math.Min(file.Next + window, file.Count) - asked, cancellationToken);
                var (number, bytes) = await NextAsync(patience, cancellationToken);
                if (file.Add(number, bytes.Span))
                {
                    (wrong, patience, cameAt) = (0, FirstPatience, _clock.GetTimestamp());
                    progress((double)file.Next / file.Count);
                }
                else if (number == file.Next && ++wrong >= MostWrong)
                {
                    throw new UpdateRefusedException($"chunk {number} came {MostWrong} times with other bytes than the manifest says");
                }
                else if (number is Late || number == file.Next || (number is Woken && _clock.GetElapsedTime(cameAt) > FirstPatience / 2))
                {
                    asked = file.Next;
                    patience = number == Late ? TimeSpan.FromTicks(Math.Min(2 * patience.Ticks, LastPatience.Ticks)) : FirstPatience;
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

    private const int Late = -2, Woken = -1;

    /// <summary>On the network thread: what nobody waits for is let go at once.</summary>
    private bool Accept(MqttMessage message)
    {
        var levels = message.Topic.Split('/');
        if (levels[^2] == _wanted && int.TryParse(levels[^1], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
            _chunks.Writer.TryWrite((number, message.Payload));
        return false;
    }

    private async Task<(int Number, ReadOnlyMemory<byte> Bytes)> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var late = new CancellationTokenSource(patience, _clock);
        await using var _ = late.Token.Register(end.Cancel);
        try
        {
            return await _chunks.Reader.ReadAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (Late, default);
        }
    }

    private async Task HearAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        if (Offered?.Invoke(message.Payload) is not { } reason)
            return;
        var refusal = new OfferRefusal { OfferSha256 = Convert.ToHexStringLower(SHA256.HashData(message.Payload.Span)), Reason = reason };
        await _link.PublishAsync(
            new MqttMessage(_topics.UpdateRefusal, JsonSerializer.SerializeToUtf8Bytes(refusal, MessageJson.Default.OfferRefusal)) { ContentType = "application/json" }, cancellationToken);
    }

    private async Task<int> AskAsync(string sha256, int from, int count, CancellationToken cancellationToken)
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
            // It is asked again when nothing comes.
            LogNotAsked(_log, e.Message);
            return from;
        }
    }

    [LoggerMessage(711, LogLevel.Debug, "Chunks could not be asked for: {Why}")]
    private static partial void LogNotAsked(ILogger log, string why);
}
