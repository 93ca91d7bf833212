using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Agent.Health;
using MrfAd.Agent.Inspection;
using MrfAd.Agent.Reporting;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Agent.BankUpdates;

/// <summary>
/// Takes one new version after the other, step by step: offer, chunks, checks, shadow run, swap. Whatever goes wrong, what judges now goes on, and the
/// reason is told. A restart goes on with what was under way.
/// </summary>
public sealed partial class UpdateWorker(
    UpdateOptions options, StationBank bank, UpdateTrust trust, ChunkExchange exchange, FileFetch fetch, ShadowRun shadow, RecentFrames recent, BankStatus status,
    BankPublisher publisher, StationHealth health, TimeProvider clock, ILogger<UpdateWorker> log) : Worker(health)
{
    // A version whose sender has been away for so long makes room for another.
    private static readonly TimeSpan Abandoned = TimeSpan.FromSeconds(30);

    private readonly Channel<(IncomingOffer Offer, ModelManifest Manifest)> _accepted = Channel.CreateBounded<(IncomingOffer, ModelManifest)>(1);
    private readonly StationHealth _health = health;
    private readonly Lock _lock = new();
    private (string Sha256, StoredVersion Version, CancellationTokenSource Cancel)? _active;
    private long _lastProgress;

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

            if (_active is { } active && active.Sha256 == manifest.Sha256)
            {
                exchange.Wake();
                return version;
            }

            try
            {
                Acceptance.CheckOffer(manifest, current, bank.Store.Banks, options, Station.Version);
                if (_active is { } other)
                    Displace(other);
                Begin(new IncomingOffer(source, manifest.Sha256, by, offer), manifest, version);
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
    public void Cancel() => _active?.Cancel.Cancel();

    protected override async Task RunAsync(CancellationToken stopping)
    {
        var telling = publisher.RunAsync(stopping);
        exchange.Offered = Hear;
        try
        {
            await LoadedAsync(stopping);
            status.Tell();
            exchange.Start();
            GoOn();
            await foreach (var (offer, manifest) in _accepted.Reader.ReadAllAsync(stopping))
                await TakeAsync(offer, manifest, stopping);
        }
        finally
        {
            await exchange.DisposeAsync();
            await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LoadedAsync(CancellationToken stopping)
    {
        var loaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (bank.Detector.Info is not null)
                loaded.TrySetResult();
        }

        _health.Changed += Look;
        Look();
        await loaded.Task.WaitAsync(stopping);
        _health.Changed -= Look;
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

    private void Displace((string Sha256, StoredVersion Version, CancellationTokenSource Cancel) other)
    {
        if (status.Update?.Phase != UpdatePhase.Transferring || clock.GetElapsedTime(_lastProgress) < Abandoned)
            throw new UpdateRefusedException($"another update is under way: {other.Version}");
        other.Cancel.Cancel();
        throw new UpdateRefusedException($"{other.Version} was under way and its sender is away: it has been given up, offer this one again");
    }

    private void Begin(IncomingOffer offer, ModelManifest manifest, StoredVersion version)
    {
        offer.Keep(bank.Store);
        _active = (manifest.Sha256, version, new CancellationTokenSource());
        _lastProgress = clock.GetTimestamp();
        status.Set(new BankUpdate { Bank = version.ToMessage(), Phase = UpdatePhase.Transferring, Progress = 0 });
        _accepted.Writer.TryWrite((offer, manifest));
    }

    private async Task TakeAsync(IncomingOffer offer, ModelManifest manifest, CancellationToken stopping)
    {
        var (_, version, cancel) = _active!.Value;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancel.Token);
        try
        {
            await FetchAsync(offer, manifest, end.Token);
            await Background.Run(() => Try(manifest, version, offer.By, end.Token));
            End(null, version, offer.By);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The next start goes on with it.
        }
        catch (OperationCanceledException)
        {
            End("it was given up", version, offer.By);
        }
        catch (Exception e)
        {
            // Whatever a file from elsewhere brings about, the station lives on.
            LogUnusable(version.ToString(), e);
            End(e is UpdateRefusedException ? e.Message : $"it cannot be used: {e.Message}", version, offer.By);
        }
    }

    private async Task FetchAsync(IncomingOffer offer, ModelManifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            using var file = await Task.Run(() => new IncomingFile(bank.Store, manifest, options.KeepFreeMb * 1_000_000L, cancellationToken), cancellationToken);
            if (offer.Source == "mqtt")
                await exchange.PullAsync(file, manifest, options.Window, Advance, cancellationToken);
            else
                await fetch.PullAsync(offer.Source, file, manifest, Advance, cancellationToken);
            await Task.Run(file.Finish, cancellationToken);
        }
        catch (IOException e)
        {
            throw new UpdateRefusedException($"it cannot be stored: {e.Message}", e);
        }
    }

    private void Advance(double progress)
    {
        _lastProgress = clock.GetTimestamp();
        status.Advance(progress);
    }

    /// <summary>Everything that costs the processor, beside the line.</summary>
    private bool Try(ModelManifest manifest, StoredVersion version, string by, CancellationToken cancellation)
    {
        Enter(UpdatePhase.Checking, version, null);
        Acceptance.CheckFile(bank.Store.PathOf(version), manifest, status.Advance, cancellation);

        Enter(UpdatePhase.Shadowing, version, null);
        StoredVersion current;
        ShadowResult result;
        do
        {
            current = bank.Current ?? throw new OperationCanceledException(cancellation);
            // One thread each: the line's own has the others.
            using var old = bank.Open(current, threads: 1);
            using var next = bank.Open(version, threads: 1);
            result = shadow.Run(old, next, status.Advance, cancellation);
        }
        while (bank.Current != current); // the first verdicts took it back: compared with what judges now

        if (result.Refuse(options.MostNewAlarms) is { } refusal)
            throw new UpdateRefusedException($"{refusal} ({result})");

        cancellation.ThrowIfCancellationRequested();
        var watched = options.WatchVerdicts == 0 ? null : new WatchedVerdicts(
            options.WatchVerdicts, 0, (int)((options.MostWatchedAlarms + result.OldAlarmShare) * options.WatchVerdicts), 0);
        bank.Swap(version, Warm(bank.Open(version)), by, UpdateResult.Accepted, $"{result}", banks => banks with { Watched = watched }, cancellation);
        return true;
    }

    /// <summary>The first image of a size costs more than the next: not the line's.</summary>
    private IInspector Warm(IInspector inspector)
    {
        inspector.Prepare(_ => { });
        if (recent.Last(1, bank.Cameras) is [var frame] && recent.Copy(frame.VerdictId) is { } image)
        {
            using (image)
                inspector.Inspect(image);
        }

        return inspector;
    }

    private void Enter(UpdatePhase phase, StoredVersion version, string? reason) =>
        status.Set(new BankUpdate { Bank = version.ToMessage(), Phase = phase, Progress = 0, Reason = reason });

    /// <param name="refusal">Null: it judges.</param>
    private void End(string? refusal, StoredVersion version, string by)
    {
        lock (_lock)
        {
            if (refusal is not null)
                bank.Refused(version, by, refusal);
            _active?.Cancel.Dispose();
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
