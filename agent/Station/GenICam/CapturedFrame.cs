using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>A frame that a camera has taken, or why it cannot be used: one of both is null.</summary>
public readonly record struct CapturedFrame(Frame? Frame, Exception? Error)
{
    public Frame GetOrThrow() => Frame ?? throw Error!;

    /// <returns>False where whoever asked waits no more.</returns>
    public bool Answer(TaskCompletionSource<Frame?> request) => Error is null ? request.TrySetResult(Frame) : request.TrySetException(Error);

    /// <summary>Gives the image's memory back; nobody wants it.</summary>
    public void Drop() => Frame?.Image.Dispose();
}
