using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>The update that is under way. Thread-safe, except for the members that only its own steps use.</summary>
/// <param name="cancellation">Cancels the update. It is not disposed of, as it may be cancelled after the end.</param>
public sealed class ActiveUpdate(IncomingOffer offer, ModelManifest manifest, StoredVersion version, CancellationTokenSource cancellation, TimeProvider clock)
{
    private long _lastProgress = clock.GetTimestamp();

    public IncomingOffer Offer { get; } = offer;

    public ModelManifest Manifest { get; } = manifest;

    public StoredVersion Version { get; } = version;

    public UpdateState State { get; private set; }

    /// <summary>The result of the shadow run; null before it. Used by the steps only.</summary>
    public ShadowResult? Shadow { get; set; }

    public CancellationToken Cancelled { get; } = cancellation.Token;

    /// <summary>Time since the last chunk arrived.</summary>
    public TimeSpan SinceProgress => clock.GetElapsedTime(Volatile.Read(ref _lastProgress));

    public void NoteProgress() => Volatile.Write(ref _lastProgress, clock.GetTimestamp());

    public void Enter(UpdateState next) => State = next;

    /// <summary>Cancels the update, where it has not ended yet.</summary>
    public void Cancel() => cancellation.Cancel();
}
