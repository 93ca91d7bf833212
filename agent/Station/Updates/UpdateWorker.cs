using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// Takes one new version after the other, step by step: offer, chunks, checks, shadow run, swap. Whatever goes wrong, what judges now goes on, and the
/// reason is told. A restart goes on with what was under way.
/// </summary>
public sealed partial class UpdateWorker(
    UpdateSteps steps, StationBank bank, UpdateTrust trust, ChunkExchange exchange, BankStatus status, BankPublisher publisher, StationHealth health, ILogger<UpdateWorker> log)
    : Worker(health)
{
    // A version whose sender has been away for so long makes room for another.
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(30);

    private readonly Channel<ActiveUpdate> _accepted = Channel.CreateBounded<ActiveUpdate>(1);

    // One offer is taken, or one update ends, at a time.
    private readonly Lock _lock = new();
    private volatile ActiveUpdate? _active;

    /// <summary>A version that may be fetched: from now on it is on its way, over restarts.</summary>
    /// <param name="source">As in <see cref="IncomingOffer"/>.</param>
    /// <exception cref="UpdateRefusedException">It is refused; it has been told.</exception>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public StoredVersion Offer(SignedManifest offer, string source, string by)
    {
        lock (_lock)
        {
            var manifest = trust.Open(offer);
            var version = StoredVersion.Of(manifest, offer.Key);
            var current = bank.Detector.Info ?? throw new UpdateRefusedException("the bank is still being loaded");
            if (current.BankSha256 == manifest.Sha256)
            {
                status.Tell();
                return version;
            }

            if (_active?.Manifest.Sha256 == manifest.Sha256)
            {
                exchange.Wake();
                return version;
            }

            try
            {
                steps.CheckOffer(manifest, current);
                if (_active is { } other)
                    Displace(other);
                _active = steps.Begin(new IncomingOffer(source, manifest.Sha256, by, offer), manifest, version);
                steps.Publish(_active, UpdatePhase.Transferring);
                _accepted.Writer.TryWrite(_active);
                return version;
            }
            catch (UpdateRefusedException e)
            {
                bank.Refused(version, by, e.Message);
                status.Tell();
                throw;
            }
        }
    }

    /// <summary>What is under way is given up, where there is any.</summary>
    public void Cancel() => _active?.Cancel();

    protected override async Task RunAsync(CancellationToken stopping)
    {
        var telling = publisher.RunAsync(stopping);
        exchange.Offered = Hear;
        try
        {
            await bank.Detector.Loaded.WaitAsync(stopping);
            status.Tell();
            exchange.Start();
            GoOn();
            await foreach (var update in _accepted.Reader.ReadAllAsync(stopping))
                await TakeAsync(update, stopping);
        }
        finally
        {
            await exchange.DisposeAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Why it is refused, or null.</returns>
    private string? Hear(ReadOnlyMemory<byte> payload)
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

    /// <summary>After a restart.</summary>
    private void GoOn()
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
            Forget();
        }
    }

    private static void Displace(ActiveUpdate other)
    {
        if (other.State != UpdateState.Transferring || other.SinceProgress < Abandoned)
            throw new UpdateRefusedException($"another update is under way: {other.Version}");
        other.Cancel();
        throw new UpdateRefusedException($"{other.Version} was under way and its sender is away: it has been given up, offer this one again");
    }

    private async Task TakeAsync(ActiveUpdate update, CancellationToken stopping)
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
            // The next start goes on with it.
        }
        catch (OperationCanceledException)
        {
            End("it was given up", update);
        }
        catch (Exception e)
        {
            // Whatever a file from elsewhere brings about, the station lives on.
            LogUnusable(update.Version.ToString(), e);
            End(e is UpdateRefusedException ? e.Message : $"it cannot be used: {e.Message}", update);
        }
    }

    /// <param name="refusal">Null: it judges.</param>
    private void End(string? refusal, ActiveUpdate update)
    {
        lock (_lock)
        {
            if (refusal is not null)
                bank.Refused(update.Version, update.Offer.By, refusal);
            _active = null;
            Forget();
            status.Set(null);
            status.Tell();
        }
    }

    private void Forget()
    {
        try
        {
            bank.Store.Disk.Delete(IncomingOffer.PathIn(bank.Store));
            bank.Store.Sweep();
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
