using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>A frame that a camera has taken, or the error why it cannot be used; one of both is null.</summary>
public readonly record struct CapturedFrame(Frame? Frame, Exception? Error)
{
    /// <summary>Returns the frame or throws the error.</summary>
    public Frame GetOrThrow() => Frame ?? throw Error!;

    /// <returns>False where the request has been cancelled meanwhile.</returns>
    public bool Answer(TaskCompletionSource<Frame?> request) => Error is null ? request.TrySetResult(Frame) : request.TrySetException(Error);

    /// <summary>Releases the image of a frame that is not needed.</summary>
    public void Drop() => Frame?.Image.Dispose();
}
