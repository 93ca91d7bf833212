namespace MrfAd.Station.Capture;

/// <summary>The source of a camera whose frames are sent with their triggers (<c>http:</c>, <c>mqtt:</c>): it delivers none itself.</summary>
public sealed class SentFrames : IFrameSource
{
    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return null;
    }

    public void Dispose()
    {
    }
}
