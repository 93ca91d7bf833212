using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Reads a camera that sends frames by itself, all the time.</summary>
/// <param name="silence">Null: it may be silent for ever, as nobody knows when its line triggers it.</param>
public abstract class FollowedCapture(CameraProgress progress, SilenceLimit? silence, TimeProvider clock, CancellationToken stopping) : GenICamCapture(progress, stopping)
{
    private long _lastFrame;
    private TimeSpan _longestPause;

    /// <summary>Whoever reads waits for a frame, or is to have each.</summary>
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

    /// <summary>Hands it over; owns it.</summary>
    protected abstract void Put(CapturedFrame captured);

    /// <param name="missed">How many frames the camera has taken that did not arrive.</param>
    protected virtual void PutMissed(long missed)
    {
        // Nobody misses them where each request is for the next frame that comes.
    }

    /// <summary>A frame came that nobody had asked for.</summary>
    protected virtual void CountSkipped()
    {
        // There is none where each frame is wanted.
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
        // What whoever reads took for it is not the camera's pause.
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
