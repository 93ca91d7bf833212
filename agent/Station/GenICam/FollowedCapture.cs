using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Reads a camera that sends frames by itself.</summary>
/// <param name="silence">The limit of its silence; null where there is none, because the camera's own input line triggers it.</param>
public abstract class FollowedCapture(CameraProgress progress, SilenceLimit? silence, TimeProvider clock, CancellationToken stopping) : GenICamCapture(progress, stopping)
{
    private long _lastFrame;
    private TimeSpan _longestPause;

    /// <summary>Returns true while the next frame is to be handed over, and false where it is skipped.</summary>
    protected virtual bool IsWanted => true;

    public override void Run(GenICamCamera camera)
    {
        (_lastFrame, _longestPause) = (clock.GetTimestamp(), TimeSpan.Zero);
        while (!Stopping.IsCancellationRequested)
        {
            camera.ThrowIfLost();
            ThrowIfSilent();
            if (IsWanted)
                Read(camera);
            else
                Skip(camera);
        }
    }

    /// <summary>Hands a frame over and takes ownership of it.</summary>
    protected abstract void Put(CapturedFrame captured);

    /// <summary>Hands over the errors for frames that did not arrive.</summary>
    /// <param name="missed">The number of frames that the camera has taken and that did not arrive.</param>
    protected virtual void PutMissed(long missed)
    {
        // Nothing to do where each request is for the next frame that comes.
    }

    /// <summary>Counts a frame that came without a request and was skipped.</summary>
    protected virtual void CountSkipped()
    {
        // No frame is skipped where every frame is handed over.
    }

    private void ThrowIfSilent()
    {
        if (silence?.Of(isOpen: true, _longestPause) is { } limit && clock.GetElapsedTime(_lastFrame) > limit)
            throw Progress.FellSilent($"for more than {limit.TotalSeconds:0.#} s");
    }

    private void Skip(GenICamCamera camera)
    {
        if (camera.Discard(out var lost))
        {
            NoteFrame();
            CountSkipped();
        }
        else
        {
            Stopping.WaitHandle.WaitOne(1);
        }

        Progress.ReportMismatch("lost", lost);
    }

    private void Read(GenICamCamera camera)
    {
        var captured = Take(camera, out var missed);
        PutMissed(missed);
        if (captured is not { } frame)
            return;
        NoteFrame();
        Put(frame);
        // The time that the reader took for the frame does not count as the camera's pause.
        _lastFrame = clock.GetTimestamp();
    }

    private void NoteFrame()
    {
        if (Progress.IsSilent)
            Progress.ReportDelivery();
        else
            _longestPause = TimeSpan.FromTicks(Math.Max(_longestPause.Ticks, clock.GetElapsedTime(_lastFrame).Ticks));
        _lastFrame = clock.GetTimestamp();
    }
}
