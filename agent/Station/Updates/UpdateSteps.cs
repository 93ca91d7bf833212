using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>The work of each state of an update, and the state that follows.</summary>
public sealed class UpdateSteps(
    UpdateOptions options, StationBank bank, ChunkExchange exchange, FileFetch fetch, ShadowRun shadow, RecentFrames recent, BankStatus status, TimeProvider clock)
{
    /// <summary>Checks an offer before its update begins.</summary>
    /// <param name="current">The inspector that judges now.</param>
    /// <exception cref="UpdateRefusedException">The version is refused; the text says why.</exception>
    public void CheckOffer(ModelManifest manifest, InspectorInfo current) => Acceptance.CheckOffer(manifest, current, bank.Store.Banks, options, AgentVersion.Current);

    /// <summary>Begins an update in its first state; the offer is stored on disk, so that a restart continues it.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public ActiveUpdate Begin(IncomingOffer offer, ModelManifest manifest, StoredVersion version)
    {
        offer.Save(bank.Store);
        return new ActiveUpdate(offer, manifest, version, new CancellationTokenSource(), clock);
    }

    /// <summary>Publishes that a phase begins.</summary>
    public void Publish(ActiveUpdate update, UpdatePhase phase) => status.Set(new BankUpdate { Bank = update.Version.ToMessage(), Phase = phase, Progress = 0 });

    /// <summary>Does the work of the state in which the update is, in the background of the line.</summary>
    /// <returns>The state that follows.</returns>
    /// <exception cref="UpdateRefusedException">The version is refused; the text says why.</exception>
    public Task<UpdateState> RunAsync(ActiveUpdate update, CancellationToken cancellationToken) => update.State switch
    {
        UpdateState.Transferring => TransferAsync(update, cancellationToken),
        UpdateState.Checking => Background.Run(() => Check(update, cancellationToken)),
        UpdateState.Shadowing => Background.Run(() => Shadow(update, cancellationToken)),
        UpdateState.Swapping => Background.Run(() => Swap(update, cancellationToken)),
        _ => throw new InvalidOperationException($"nothing follows {update.State}"),
    };

    private async Task<UpdateState> TransferAsync(ActiveUpdate update, CancellationToken cancellationToken)
    {
        try
        {
            using var file = await Task.Run(() => new IncomingFile(bank.Store, update.Manifest, options.KeepFreeMb * 1_000_000L, cancellationToken), cancellationToken);
            if (update.Offer.Source == "mqtt")
                await exchange.PullAsync(file, update.Manifest, options.Window, Advance, cancellationToken);
            else
                await fetch.PullAsync(update.Offer.Source, file, update.Manifest, Advance, cancellationToken);
            await Task.Run(file.Finish, cancellationToken);
            return UpdateState.Checking;
        }
        catch (IOException e)
        {
            throw new UpdateRefusedException($"it cannot be stored: {e.Message}", e);
        }

        void Advance(double progress)
        {
            update.NoteProgress();
            status.Advance(progress);
        }
    }

    private UpdateState Check(ActiveUpdate update, CancellationToken cancellation)
    {
        Publish(update, UpdatePhase.Checking);
        Acceptance.CheckFile(bank.Store.PathOf(update.Version), update.Manifest, status.Advance, cancellation);
        return UpdateState.Shadowing;
    }

    private UpdateState Shadow(ActiveUpdate update, CancellationToken cancellation)
    {
        Publish(update, UpdatePhase.Shadowing);
        var current = bank.Current ?? throw new OperationCanceledException(cancellation);
        // One thread each, as the line's own inspector uses the others.
        using var old = bank.Open(current, threads: 1);
        using var next = bank.Open(update.Version, threads: 1);
        var result = shadow.Run(old, next, status.Advance, cancellation);
        // After a rollback meanwhile, the new version is compared again, with the version that judges now.
        if (bank.Current != current)
            return UpdateState.Shadowing;
        if (result.Refuse(options.MostNewAlarms) is { } refusal)
            throw new UpdateRefusedException($"{refusal} ({result})");
        update.Shadow = result;
        return UpdateState.Swapping;
    }

    private UpdateState Swap(ActiveUpdate update, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var result = update.Shadow!;
        var watched = options.WatchVerdicts == 0 ? null : new WatchedVerdicts(
            options.WatchVerdicts, 0, (int)((options.MostWatchedAlarms + result.OldAlarmShare) * options.WatchVerdicts), 0);
        bank.Swap(
            update.Version, bank.OpenReady(update.Version, WarmUp), update.Offer.By, UpdateResult.Accepted, $"{result}", banks => banks with { Watched = watched }, cancellation);
        return UpdateState.Accepted;
    }

    /// <summary>Inspects one image, as the first one of a size costs more than the next and must not be the line's.</summary>
    private void WarmUp(IInspector inspector)
    {
        if (recent.Last(1, bank.Cameras, bank.Product) is not [var frame] || recent.Copy(frame.VerdictId) is not { } image)
            return;
        using (image)
            inspector.Inspect(image);
    }
}
