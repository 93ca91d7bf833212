using MrfAd.Engine.Codes;

namespace MrfAd.Station.Capture;

/// <summary>The result of a trigger: a frame, or the reason why there is none. Disposing releases the image.</summary>
/// <param name="Frame">The frame; null where there is a <paramref name="Failure"/>.</param>
/// <param name="Failure">The reason why there is no frame; null where there is one.</param>
/// <param name="CapturedAt">The time at which the frame had arrived; null without one.</param>
/// <param name="QueuedAt">The moment at which the shot was queued, on the clock's tick counter.</param>
public sealed record Shot(Camera Camera, Trigger Trigger, Frame? Frame, NoFrame? Failure, DateTimeOffset? CapturedAt, long QueuedAt) : IDisposable
{
    /// <summary>The reading of the code in the frame, which has begun; it never fails. Null where the camera reads none.</summary>
    public Task<CodeReading>? Code { get; set; }

    /// <summary>The share of the memory budget that the frame has; null where there is no frame.</summary>
    public IDisposable? Memory { get; init; }

    public void Dispose()
    {
        Frame?.Image.Dispose();
        Memory?.Dispose();
    }
}
