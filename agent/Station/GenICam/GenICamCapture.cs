using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Brings frames from a camera to the one that waits for them.</summary>
public abstract class GenICamCapture(CameraProgress progress, CancellationToken stopping) : IDisposable
{
    /// <summary>How soon the camera's thread sees that nobody waits any more, that the camera is lost, or that it must stop.</summary>
    protected static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    protected CameraProgress Progress { get; } = progress;

    protected CancellationToken Stopping { get; } = stopping;

    /// <inheritdoc cref="IFrameSource.NextAsync"/>
    public abstract ValueTask<Frame?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Reads an open camera until stopped, on the camera's thread.</summary>
    /// <exception cref="CameraLostException">It must be opened again.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public abstract void Run(GenICamCamera camera);

    public abstract void Dispose();

    /// <param name="missed">Frames that the camera has counted since the one before and that did not arrive; they are reported.</param>
    /// <returns>Null where none came in time.</returns>
    protected CapturedFrame? Take(GenICamCamera camera, out long missed)
    {
        missed = 0;
        try
        {
            return camera.Take(PollInterval, out missed) is { } image ? new(new Frame(image, Progress.Name, camera.Decode), null) : null;
        }
        catch (NoFrameException e)
        {
            Progress.ReportMismatch("torn", 1);
            return new(null, e);
        }
        catch (ImageFormatException e)
        {
            return new(null, e);
        }
        finally
        {
            Progress.ReportMismatch("lost", missed);
        }
    }
}
