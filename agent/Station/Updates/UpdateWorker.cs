using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// Carries out one update after the other, step by step: offer, chunks, checks, shadow run, swap. When a step fails, the version in use goes on and the
/// reason is published. A restart continues an update that was under way.
/// </summary>
public sealed partial class UpdateWorker(
    UpdateSteps steps, StationBank bank, UpdateTrust trust, ChunkExchange exchange, BankStatus status, BankPublisher publisher, StationHealth health, ILogger<UpdateWorker> log)
    : Worker(health)
{
    // An update whose sender has sent nothing for this long gives way to another offer.
    private static readonly TimeSpan SenderTimeout = TimeSpan.FromSeconds(30);

    private readonly Channel<ActiveUpdate> _accepted = Channel.CreateBounded<ActiveUpdate>(1);

    // Held while an offer is handled or an update ends, one at a time.
    private readonly Lock _lock = new();
    private volatile ActiveUpdate? _active;

    /// <summary>Accepts an offer: from then on its version is fetched, over restarts.</summary>
    /// <param name="source">The source of the file, as in <see cref="IncomingOffer"/>.</param>
    /// <exception cref="UpdateRefusedException">The version is refused; that has been published.</exception>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public StoredVersion Offer(SignedManifest offer, string source, string by)
    {
        lock (_lock)
        {
            var manifest = trust.Open(offer);
            var version = StoredVersion.Of(manifest, offer.Key);
            var current = bank.Detector.Info ?? throw new UpdateRefusedException(bank.Detector.WhyNone);
            if (current.BankSha256 == manifest.Sha256)
            {
                status.NotifyChanged();
                return version;
            }

            if (_active?.Manifest.Sha256 == manifest.Sha256)
            {
                exchange.Signal();
                return version;
            }

            try
            {
                steps.CheckOffer(manifest, current);
                if (_active is { } other)
                    RefuseBecauseOf(other);
                _active = steps.Begin(new IncomingOffer(source, manifest.Sha256, by, offer), manifest, version);
                steps.Publish(_active, UpdatePhase.Transferring);
                _accepted.Writer.TryWrite(_active);
                return version;
            }
            catch (UpdateRefusedException e)
            {
                bank.Refused(version, by, e.Message);
                status.NotifyChanged();
                throw;
            }
        }
    }

    /// <summary>Cancels the update that is under way, if there is one.</summary>
    public void Cancel() => _active?.Cancel();

    protected override async Task RunAsync(CancellationToken stopping)
    {
        var publishing = publisher.RunAsync(stopping);
        exchange.OfferHandler = OnOffer;
        try
        {
            await bank.Detector.Loaded.WaitAsync(stopping);
            status.NotifyChanged();
            exchange.Start();
            Resume();
            await foreach (var update in _accepted.Reader.ReadAllAsync(stopping))
                await CarryOutAsync(update, stopping);
        }
        finally
        {
            await exchange.DisposeAsync();
            await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Handles an offer that came over MQTT.</summary>
    /// <returns>The reason of a refusal; null where the offer is accepted.</returns>
    private string? OnOffer(ReadOnlyMemory<byte> payload)
    {
        try
        {
            Offer(Manifests.Read(payload.Span), "mqtt", "mqtt");
            return null;
        }
        catch (Exception e) when (e is UpdateRefusedException or IOException)
        {
            LogRefused(e.Message);
            return e is UpdateRefusedException ? e.Message : $"it cannot be stored: {e.Message}";
        }
    }

    /// <summary>Continues the update that was under way before a restart.</summary>
    private void Resume()
    {
        if (IncomingOffer.Find(bank.Store) is not { } offer)
            return;
        try
        {
            Offer(offer.Offer, offer.Source, offer.By);
        }
        catch (Exception e) when (e is UpdateRefusedException or IOException)
        {
            LogFailed(e.Message);
            CleanUp();
        }
    }

    /// <summary>Refuses an offer because of another update under way, which is cancelled where its sender is away.</summary>
    private static void RefuseBecauseOf(ActiveUpdate other)
    {
        if (other.State != UpdateState.Transferring || other.SinceProgress < SenderTimeout)
            throw new UpdateRefusedException($"another update is under way: {other.Version}");
        other.Cancel();
        throw new UpdateRefusedException($"{other.Version} was under way and its sender is away: it has been given up, offer this one again");
    }

    private async Task CarryOutAsync(ActiveUpdate update, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, update.Cancelled);
        try
        {
            while (update.State != UpdateState.Accepted)
                update.Enter(await steps.RunAsync(update, end.Token));
            End(null, update);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start continues the update.
        }
        catch (OperationCanceledException)
        {
            End("it was given up", update);
        }
        catch (Exception e)
        {
            // No file from outside may end the station, whatever exception it causes.
            LogUnusable(update.Version.ToString(), e);
            End(e is UpdateRefusedException ? e.Message : $"it cannot be used: {e.Message}", update);
        }
    }

    /// <summary>Ends the update that is under way.</summary>
    /// <param name="refusal">The reason of a refusal; null where the new version judges.</param>
    private void End(string? refusal, ActiveUpdate update)
    {
        lock (_lock)
        {
            if (refusal is not null)
                bank.Refused(update.Version, update.Offer.By, refusal);
            _active = null;
            CleanUp();
            status.Set(null);
            status.NotifyChanged();
        }
    }

    private void CleanUp()
    {
        try
        {
            bank.Store.Disk.Delete(IncomingOffer.PathIn(bank.Store));
            bank.Store.DeleteUnused();
        }
        catch (IOException e)
        {
            LogFailed(e.Message);
        }
    }

    [LoggerMessage(731, LogLevel.Warning, "An offered bank was refused: {Why}")]
    private partial void LogRefused(string why);

    [LoggerMessage(733, LogLevel.Debug, "{Bank} was not taken")]
    private partial void LogUnusable(string bank, Exception why);

    [LoggerMessage(732, LogLevel.Error, "An update could not go on: {Why}")]
    private partial void LogFailed(string why);
}
