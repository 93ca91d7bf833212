namespace MrfAd.Station.Capture;

/// <summary>What a trigger brought: an image, or why there is none. Disposing gives the image back.</summary>
/// <param name="Frame">Null where <paramref name="Failure"/> says why.</param>
/// <param name="CapturedAt">When the frame was there.</param>
/// <param name="QueuedAt">On the clock's tick counter.</param>
public sealed record Shot(Camera Camera, Trigger Trigger, Frame? Frame, NoFrame? Failure, DateTimeOffset? CapturedAt, long QueuedAt) : IDisposable
{
    public void Dispose() => Frame?.Image.Dispose();
}
