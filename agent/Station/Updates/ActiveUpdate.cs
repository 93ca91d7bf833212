using MrfAd.Contracts;

namespace MrfAd.Station.Updates;

/// <summary>The update that is under way. Thread-safe, but for what its own steps alone use.</summary>
/// <param name="cancellation">Not disposed of: whoever cancels may come after the end.</param>
public sealed class ActiveUpdate(IncomingOffer offer, ModelManifest manifest, StoredVersion version, CancellationTokenSource cancellation, TimeProvider clock)
{
    private long _lastProgress = clock.GetTimestamp();

    public IncomingOffer Offer { get; } = offer;

    public ModelManifest Manifest { get; } = manifest;

    public StoredVersion Version { get; } = version;

    public UpdateState State { get; private set; }

    /// <summary>What the shadow run found; null before it. For the steps alone.</summary>
    public ShadowResult? Shadow { get; set; }

    public CancellationToken Cancelled { get; } = cancellation.Token;

    /// <summary>How long its sender has sent nothing.</summary>
    public TimeSpan SinceProgress => clock.GetElapsedTime(Volatile.Read(ref _lastProgress));

    public void NoteProgress() => Volatile.Write(ref _lastProgress, clock.GetTimestamp());

    public void Enter(UpdateState next) => State = next;

    /// <summary>It is given up, where it has not ended yet.</summary>
    public void Cancel() => cancellation.Cancel();
}
