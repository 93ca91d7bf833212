using System.Threading.Channels;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Hands over every frame that the camera takes, and an error in the place of each frame that did not arrive.</summary>
public sealed class EveryFrameCapture(CameraProgress progress, SilenceLimit? silence, TimeProvider clock, CancellationToken stopping)
    : FollowedCapture(progress, silence, clock, stopping)
{
    // The camera's loop takes frames at once; more wait in the driver's buffers.
    private const int MaxPendingFrames = 4;

    private readonly Channel<CapturedFrame> _frames = Channel.CreateBounded<CapturedFrame>(new BoundedChannelOptions(MaxPendingFrames) { SingleReader = true, SingleWriter = true });

    public override async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken) => (await _frames.Reader.ReadAsync(cancellationToken)).GetOrThrow();

    public override void Dispose()
    {
        while (_frames.Reader.TryRead(out var captured))
            captured.Drop();
    }

    protected override void Put(CapturedFrame captured) => _frames.Writer.WriteAsync(captured, Stopping).AsTask().GetAwaiter().GetResult();

    protected override void PutMissed(long missed)
    {
        for (; missed > 0; missed--)
            Put(new(null, new NoFrameException(NoFrameCause.Lost, $"{Progress.Name} has taken a frame that did not arrive")));
    }
}
