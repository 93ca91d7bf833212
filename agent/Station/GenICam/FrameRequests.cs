using System.Collections.Concurrent;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>The requests for frames, handed from a single reader to the camera's thread.</summary>
public sealed class FrameRequests : IDisposable
{
    private readonly BlockingCollection<TaskCompletionSource<Frame?>> _requests = [];

    /// <summary>Returns true where no request waits.</summary>
    public bool IsEmpty => _requests.Count == 0;

    /// <summary>Requests a frame and waits for it. There is a single reader, so that its earlier requests are over.</summary>
    public async Task<Frame?> RequestAsync(CancellationToken cancellationToken)
    {
        // While the camera is away, its thread does not remove the earlier requests.
        while (_requests.TryTake(out _))
        {
        }

        var request = new TaskCompletionSource<Frame?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(request);
        await using var end = cancellationToken.Register(() => request.TrySetCanceled(cancellationToken));
        return await request.Task;
    }

    /// <summary>Puts a request back that was not answered.</summary>
    public void Add(TaskCompletionSource<Frame?> request) => _requests.Add(request, CancellationToken.None);

    /// <returns>The next request; null where none came within the timeout.</returns>
    public TaskCompletionSource<Frame?>? Take(TimeSpan timeout, CancellationToken cancellationToken) =>
        _requests.TryTake(out var request, (int)timeout.TotalMilliseconds, cancellationToken) ? request : null;

    public void Dispose() => _requests.Dispose();
}
