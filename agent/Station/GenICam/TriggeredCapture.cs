using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Sends the camera a software trigger for each frame that is asked for, and hands over the frame of that trigger and of no other.</summary>
public sealed class TriggeredCapture(CameraProgress progress, CancellationToken stopping) : GenICamCapture(progress, stopping)
{
    // One trigger may be missed; a camera that misses so many in a row is opened again.
    private const int MaxIgnored = 3;

    private readonly FrameRequests _requests = new();
    private int _ignored;

    public override async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _requests.RequestAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
        {
            // Before whoever waits goes on: it says why nothing came.
            Progress.ReportStep();
            throw;
        }
    }

    public override void Run(GenICamCamera camera)
    {
        while (!Stopping.IsCancellationRequested)
        {
            camera.ThrowIfLost();
            if (_requests.Take(PollInterval, Stopping) is not { Task.IsCompleted: false } request)
                continue;
            DiscardSurplus(camera);
            try
            {
                Shoot(camera, request);
            }
            catch (CameraLostException)
            {
                // Until its deadline the camera may be back.
                _requests.Add(request);
                throw;
            }
        }
    }

    public override void Dispose() => _requests.Dispose();

    private void DiscardSurplus(GenICamCamera camera)
    {
        while (camera.Discard(out var missed))
        {
            Progress.ReportMismatch("surplus", 1);
            Progress.ReportMismatch("lost", missed);
        }
    }

    private void Shoot(GenICamCamera camera, TaskCompletionSource<Frame?> request)
    {
        var failures = camera.Failures;
        Progress.Enter("does not answer the trigger command");
        camera.Trigger();
        Progress.Enter("has taken the trigger and sent no frame");
        if (Answer(camera, request))
        {
            _ignored = 0;
            return;
        }

        Progress.ReportMismatch(camera.Failures > failures ? "lost" : "ignored", 1);
        if (++_ignored % MaxIgnored == 0)
            throw Progress.FellSilent($"for {_ignored} triggers in a row");
        // Its frame may still be on its way, and must not be taken for the next trigger's.
        camera.Restart();
    }

    /// <returns>False where nothing came.</returns>
    private bool Answer(GenICamCamera camera, TaskCompletionSource<Frame?> request)
    {
        while (!request.Task.IsCompleted)
        {
            camera.ThrowIfLost();
            if (Take(camera, out _) is not { } captured)
                continue;
            if (captured.Error is null)
                Progress.ReportDelivery();
            if (!captured.Answer(request))
                captured.Drop();
            return true;
        }

        return false;
    }
}
