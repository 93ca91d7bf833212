using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>
/// The other end of <see cref="ChunkExchange"/>: offers a signed file to a station, gives it the chunks it asks for, until the station has taken or refused
/// it. Remembers nothing: one that is killed and started again goes on where the station is.
/// </summary>
public sealed class BankPush
{
    // The station may be restarting, or another pusher's turn may be over.
    private static readonly TimeSpan OfferEvery = TimeSpan.FromSeconds(3);

    // Chunks that wait for the broker's acknowledgement.
    private const int AtOnce = 8;

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly string _path;
    private readonly SignedManifest _offer;
    private readonly ModelManifest _manifest;
    private readonly string _offerSha256;
    private readonly TimeProvider _clock;
    private readonly Channel<ChunkRequest> _wanted = Channel.CreateBounded<ChunkRequest>(64);
    private readonly TaskCompletionSource<BankOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _heardAt;
    private int _next;
    private DateTimeOffset? _before;

    /// <param name="link">Not yet started; taken over by nobody.</param>
    /// <param name="path">Of the model file; its signed manifest stands beside it.</param>
    /// <exception cref="UpdateRefusedException">It is not signed, or the manifest makes no sense.</exception>
    public BankPush(IMqttLink link, StationTopics topics, string path, TimeProvider clock)
    {
        (_link, _topics, _path, _clock) = (link, topics, path, clock);
        _offer = Manifests.ReadBeside(path);
        _manifest = Manifests.Unverified(_offer);
        if (FileLength.Of(path) != _manifest.Size)
            throw new UpdateRefusedException($"{path} has {FileLength.Of(path)} bytes, its signed manifest says {_manifest.Size}: sign it again");
        _offerSha256 = Convert.ToHexStringLower(SHA256.HashData(Manifests.Bytes(_offer)));
        link.Subscribe(topics.UpdateWant, Want);
        link.Subscribe(topics.UpdateRefusal, HearRefusal);
        link.Subscribe(topics.Bank, Hear);
    }

    /// <summary>What the station says of its bank, as it comes.</summary>
    public event Action<BankMessage>? Told;

    /// <param name="progress">By what the station has.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<BankOutcome> RunAsync(IProgress<LearnProgress>? progress, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Told += message =>
        {
            if (message.Update is { } update && update.Bank.Sha256 == _manifest.Sha256)
                progress?.Report(new LearnProgress(MetricLabel.Of(update.Phase), (int)(1000 * update.Progress), 1000));
        };
        _link.Start();
        var (offering, serving) = (OfferAsync(end.Token), ServeAsync(end.Token));
        try
        {
            // Neither ends by itself, but where it fails.
            await await Task.WhenAny(_ended.Task, offering, serving);
            return await _ended.Task;
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(offering, serving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(OfferEvery, _clock);
        do
        {
            // Chunks are asked for: the station knows.
            if (_clock.GetElapsedTime(Volatile.Read(ref _heardAt)) < OfferEvery && _heardAt != 0)
                continue;
            await PublishAsync(new MqttMessage(_topics.UpdateOffer, Manifests.Bytes(_offer)) { ContentType = "application/json" }, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await using var file = UserFiles.Open(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var sending = new Queue<Task>();
        await foreach (var want in _wanted.Reader.ReadAllAsync(cancellationToken))
        {
            for (var number = want.From; number < Math.Min(want.From + want.Count, Manifests.ChunksOf(_manifest)); number++)
            {
                var chunk = new byte[Manifests.LengthOf(_manifest, number)];
                file.Position = (long)number * _manifest.ChunkBytes;
                await file.ReadExactlyAsync(chunk, cancellationToken);
                sending.Enqueue(PublishAsync(new MqttMessage(_topics.UpdateChunk(_manifest.Sha256, $"{number}"), chunk), cancellationToken));
                if (sending.Count > AtOnce)
                    await sending.Dequeue();
            }
        }
    }

    /// <summary>What does not go out is asked for again.</summary>
    private async Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _link.PublishAsync(message, cancellationToken);
        }
        catch (MqttLinkException e) when (e.Failure == MqttFailure.Refused)
        {
            throw new IOException(e.Message, e);
        }
        catch (MqttLinkException)
        {
            // As above.
        }
    }

    private Task Want(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.ChunkRequest) is { } want && want.Sha256 == _manifest.Sha256
                && want is { From: >= 0, Count: > 0 and <= 64 })
            {
                Volatile.Write(ref _heardAt, _clock.GetTimestamp());
                // It asks anew: what it asked for before is in vain.
                while (want.From < _next && _wanted.Reader.TryRead(out _))
                {
                }

                _next = want.From + want.Count;
                _wanted.Writer.TryWrite(want);
            }
        }
        catch (JsonException)
        {
            // Nothing the station says.
        }

        return Task.CompletedTask;
    }

    private Task Hear(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage) is { } bank)
                Hear(bank, message.Retain);
        }
        catch (JsonException)
        {
            // As above.
        }

        return Task.CompletedTask;
    }

    private Task HearRefusal(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.OfferRefusal) is { } refusal && refusal.OfferSha256 == _offerSha256)
                _ended.TrySetResult(new BankOutcome { Bank = StoredVersion.Of(_manifest, _offer.Key).ToMessage(), Result = UpdateResult.Refused, Reason = refusal.Reason, At = _clock.GetUtcNow() });
        }
        catch (JsonException)
        {
            // As above.
        }

        return Task.CompletedTask;
    }

    /// <summary>What was said before the offer tells of earlier updates, of this very file perhaps: only what is newer counts.</summary>
    private void Hear(BankMessage bank, bool before)
    {
        if (before)
            _before = bank.Last?.At;
        else if (bank.Current?.Sha256 == _manifest.Sha256 && bank.Update is null)
            _ended.TrySetResult(bank.Last is { } last && last.Bank.Sha256 == _manifest.Sha256 ? last : new BankOutcome { Bank = bank.Current, Result = UpdateResult.Accepted, Reason = "it judges already", At = bank.At });
        else if (bank.Last is { } outcome && outcome.Bank.Sha256 == _manifest.Sha256 && outcome.At != _before)
            _ended.TrySetResult(outcome);
        Told?.Invoke(bank);
    }
}
