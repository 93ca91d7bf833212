using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Sends the camera a software trigger for each request, and hands over the frame of that trigger and of no other.</summary>
public sealed class TriggeredCapture(CameraProgress progress, CancellationToken stopping) : GenICamCapture(progress, stopping)
{
    // The number of triggers in a row without a frame after which the camera is opened again.
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
            // Reported before the reader continues, which puts the reason into its verdict.
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
                // The camera may be back before the deadline of the request.
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
        // The frame of this trigger may still be on its way, and must not be taken for that of the next trigger.
        camera.Restart();
    }

    /// <returns>False where no frame came before the request was cancelled.</returns>
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
