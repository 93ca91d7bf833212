using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Answers each request with the next frame that comes; the frames in between are skipped and counted.</summary>
public sealed class LatestFrameCapture(CameraProgress progress, SilenceLimit? silence, TimeProvider clock, CancellationToken stopping)
    : FollowedCapture(progress, silence, clock, stopping)
{
    private readonly FrameRequests _requests = new();
    private long _skipped;

    protected override bool IsWanted => !_requests.IsEmpty;

    public override async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken) => await _requests.RequestAsync(cancellationToken);

    public override void Dispose() => _requests.Dispose();

    protected override void Put(CapturedFrame captured)
    {
        var answer = captured.Frame is { } frame ? captured with { Frame = frame with { Skipped = _skipped } } : captured;
        while (_requests.Take(TimeSpan.Zero, CancellationToken.None) is { } request)
        {
            if (answer.Answer(request))
            {
                _skipped = 0;
                return;
            }
        }

        captured.Drop();
    }

    protected override void CountSkipped() => _skipped++;
}
