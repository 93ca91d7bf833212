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
/// The sender's side of <see cref="ChunkExchange"/>: offers a signed file to a station and sends the chunks that it requests, until the station has accepted
/// or refused it. It keeps no state: one that is killed and started again continues where the station is.
/// </summary>
public sealed class BankPush
{
    // The offer is repeated: the station may be restarting, or another update may have ended.
    private static readonly TimeSpan OfferInterval = TimeSpan.FromSeconds(3);

    // Maximum number of chunks that wait for the broker's acknowledgement.
    private const int MaxInFlight = 8;

    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly string _path;
    private readonly SignedManifest _offer;
    private readonly ModelManifest _manifest;
    private readonly string _offerSha256;
    private readonly TimeProvider _clock;
    private readonly Channel<ChunkRequest> _requests = Channel.CreateBounded<ChunkRequest>(64);
    private readonly TaskCompletionSource<BankOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastRequestAt;
    private int _next;
    private DateTimeOffset? _outcomeBefore;

    /// <param name="link">A link that is not started yet; the caller disposes of it.</param>
    /// <param name="path">The path of the model file; its signed manifest is the file beside it.</param>
    /// <exception cref="UpdateRefusedException">The file is not signed, or its manifest is not valid.</exception>
    public BankPush(IMqttLink link, StationTopics topics, string path, TimeProvider clock)
    {
        (_link, _topics, _path, _clock) = (link, topics, path, clock);
        _offer = Manifests.ReadBeside(path);
        _manifest = Manifests.ReadUnverified(_offer);
        if (FileLength.Of(path) != _manifest.Size)
            throw new UpdateRefusedException($"{path} has {FileLength.Of(path)} bytes, its signed manifest says {_manifest.Size}: sign it again");
        _offerSha256 = Convert.ToHexStringLower(SHA256.HashData(Manifests.Bytes(_offer)));
        link.Subscribe(topics.UpdateWant, OnChunkRequest);
        link.Subscribe(topics.UpdateRefusal, OnRefusal);
        link.Subscribe(topics.Bank, OnBank);
    }

    private event Action<BankMessage>? BankReceived;

    /// <summary>Runs until the station has accepted or refused the file.</summary>
    /// <param name="progress">Receives the progress that the station reports.</param>
    /// <returns>The outcome that the station reports.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public async Task<BankOutcome> RunAsync(IProgress<LearnProgress>? progress, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        BankReceived += message =>
        {
            if (message.Update is { } update && update.Bank.Sha256 == _manifest.Sha256)
                progress?.Report(new LearnProgress(MetricLabel.Of(update.Phase), (int)(1000 * update.Progress), 1000));
        };
        _link.Start();
        var (offering, serving) = (OfferAsync(end.Token), ServeAsync(end.Token));
        try
        {
            // Offering and serving end only by failing.
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
        using var timer = new PeriodicTimer(OfferInterval, _clock);
        do
        {
            // The station requests chunks, so it knows the offer.
            if (_clock.GetElapsedTime(Volatile.Read(ref _lastRequestAt)) < OfferInterval && _lastRequestAt != 0)
                continue;
            await PublishAsync(new MqttMessage(_topics.UpdateOffer, Manifests.Bytes(_offer)) { ContentType = "application/json" }, cancellationToken);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        await using var file = UserFiles.Open(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
        var sending = new Queue<Task>();
        await foreach (var want in _requests.Reader.ReadAllAsync(cancellationToken))
        {
            for (var number = want.From; number < Math.Min(want.From + want.Count, Manifests.ChunksOf(_manifest)); number++)
            {
                var chunk = new byte[Manifests.LengthOf(_manifest, number)];
                file.Position = (long)number * _manifest.ChunkBytes;
                await file.ReadExactlyAsync(chunk, cancellationToken);
                sending.Enqueue(PublishAsync(new MqttMessage(_topics.UpdateChunk(_manifest.Sha256, $"{number}"), chunk), cancellationToken));
                if (sending.Count > MaxInFlight)
                    await sending.Dequeue();
            }
        }
    }

    /// <summary>Publishes a message. One that is lost is not repeated here, as the station requests it again.</summary>
    private async Task PublishAsync(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _link.PublishAsync(message, cancellationToken);
        }
        catch (MqttLinkException e) when (e.IsRefusal)
        {
            throw new IOException(e.Message, e);
        }
        catch (MqttLinkException)
        {
            // The station requests it again.
        }
    }

    private Task OnChunkRequest(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.ChunkRequest) is { } want && want.Sha256 == _manifest.Sha256
                && want is { From: >= 0, Count: > 0 and <= 64 })
            {
                Volatile.Write(ref _lastRequestAt, _clock.GetTimestamp());
                // The station starts again at an earlier chunk, so its later requests are void.
                while (want.From < _next && _requests.Reader.TryRead(out _))
                {
                }

                _next = want.From + want.Count;
                _requests.Writer.TryWrite(want);
            }
        }
        catch (JsonException)
        {
            // A payload that no station sends is ignored.
        }

        return Task.CompletedTask;
    }

    private Task OnBank(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage) is { } bank)
                OnBank(bank, message.Retain);
        }
        catch (JsonException)
        {
            // A payload that no station sends is ignored.
        }

        return Task.CompletedTask;
    }

    private Task OnRefusal(MqttMessage message, CancellationToken cancellationToken)
    {
        try
        {
            if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.OfferRefusal) is { } refusal && refusal.OfferSha256 == _offerSha256)
                _ended.TrySetResult(new BankOutcome { Bank = StoredVersion.Of(_manifest, _offer.Key).ToMessage(), Result = UpdateResult.Refused, Reason = refusal.Reason, At = _clock.GetUtcNow() });
        }
        catch (JsonException)
        {
            // A payload that no station sends is ignored.
        }

        return Task.CompletedTask;
    }

    /// <summary>Handles the retained message first, which reports earlier updates, perhaps of this very file; only outcomes newer than it count.</summary>
    private void OnBank(BankMessage bank, bool retained)
    {
        if (retained)
            _outcomeBefore = bank.Last?.At;
        else if (bank.Current?.Sha256 == _manifest.Sha256 && bank.Update is null)
            _ended.TrySetResult(bank.Last is { } last && last.Bank.Sha256 == _manifest.Sha256 ? last : new BankOutcome { Bank = bank.Current, Result = UpdateResult.Accepted, Reason = "it judges already", At = bank.At });
        else if (bank.Last is { } outcome && outcome.Bank.Sha256 == _manifest.Sha256 && outcome.At != _outcomeBefore)
            _ended.TrySetResult(outcome);
        BankReceived?.Invoke(bank);
    }
}
