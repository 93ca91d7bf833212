using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.GenICam;

/// <summary>Brings frames from a camera to the reader that waits for them.</summary>
public abstract class GenICamCapture(CameraProgress progress, CancellationToken stopping) : IDisposable
{
    /// <summary>The interval at which the camera's thread checks whether a request was cancelled, the camera is lost, or it must stop.</summary>
    protected static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    protected CameraProgress Progress { get; } = progress;

    protected CancellationToken Stopping { get; } = stopping;

    /// <inheritdoc cref="IFrameSource.NextAsync"/>
    public abstract ValueTask<Frame?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Reads an open camera until stopped, on the camera's thread.</summary>
    /// <exception cref="CameraLostException">The camera must be opened again.</exception>
    /// <exception cref="OperationCanceledException">The source is stopping.</exception>
    public abstract void Run(GenICamCamera camera);

    public abstract void Dispose();

    /// <summary>Waits for the next frame for one poll interval and reports mismatches.</summary>
    /// <param name="missed">The number of frames that the camera has counted since the one before and that did not arrive.</param>
    /// <returns>The frame or its error; null where none came in time.</returns>
    protected CapturedFrame? Take(GenICamCamera camera, out long missed)
    {
        missed = 0;
        Progress.BeginCall();
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
            Progress.EndCall();
            Progress.ReportMismatch("lost", missed);
        }
    }
}
