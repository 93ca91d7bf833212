using System.Collections.Concurrent;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Frames that were asked for, on their way from the one that asks to the camera's thread.</summary>
public sealed class FrameRequests : IDisposable
{
    private readonly BlockingCollection<TaskCompletionSource<Frame?>> _requests = [];

    public bool IsEmpty => _requests.Count == 0;

    /// <summary>Waits for the frame. There is one that asks: what it asked for before is over.</summary>
    public async Task<Frame?> RequestAsync(CancellationToken cancellationToken)
    {
        // While the camera is away nobody else takes it out.
        while (_requests.TryTake(out _))
        {
        }

        var request = new TaskCompletionSource<Frame?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(request);
        await using var end = cancellationToken.Register(() => request.TrySetCanceled(cancellationToken));
        return await request.Task;
    }

    public void Add(TaskCompletionSource<Frame?> request) => _requests.Add(request, CancellationToken.None);

    /// <returns>Null where nothing was asked for in time.</returns>
    public TaskCompletionSource<Frame?>? Take(TimeSpan timeout, CancellationToken cancellationToken) =>
        _requests.TryTake(out var request, (int)timeout.TotalMilliseconds, cancellationToken) ? request : null;

    public void Dispose() => _requests.Dispose();
}
