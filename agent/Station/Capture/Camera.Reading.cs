using Microsoft.Extensions.Logging;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;

namespace MrfAd.Station.Capture;

/// <content>Takes one frame, and makes of whatever goes wrong the reason why there is none.</content>
public sealed partial class Camera
{
    private async Task<(Frame? Frame, NoFrame? Failure)> CaptureAsync(ReopeningSource frames, long since, CancellationToken stopping)
    {
        var left = options.Deadline - clock.GetElapsedTime(since);
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            return await ReadAsync(() => frames.NextAsync(end.Token), end.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return (null, new NoFrame(NoFrameCause.Stopping, "the station is stopping"));
        }
        catch (OperationCanceledException)
        {
            return (null, new NoFrame(NoFrameCause.Deadline, $"no frame within {options.Deadline.TotalSeconds:0.###} s{(_problem is null ? "" : $": {_problem}")}"));
        }
    }

    /// <summary>Takes a frame. Whatever goes wrong is the reason why there is none, and never the end of the camera; only a cancelled wait is thrown on.</summary>
    private async Task<(Frame? Frame, NoFrame? Failure)> ReadAsync(Func<ValueTask<Frame?>> next, CancellationToken cancellationToken)
    {
        try
        {
            if (await next() is not { } frame)
                return (null, new NoFrame(NoFrameCause.SourceEnded, $"{Credentials.Masked(options.Source)} has no more frames"));
            var image = Checked(frame);
            _errors.Succeeded();
            return (image, null);
        }
        catch (NoFrameException e)
        {
            if (e.Cause == NoFrameCause.Error)
            {
                OnError(e.InnerException ?? e);
                _errors.Failed($"{options.Name}: {e.Message}");
            }

            return (null, new NoFrame(e.Cause, e.Message));
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            return (null, new NoFrame(NoFrameCause.Unreadable, e.Message));
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            OnError(e);
            _errors.Failed($"{options.Name}: {ErrorText.Of(e)}");
            return (null, new NoFrame(NoFrameCause.Error, ErrorText.Of(e)));
        }
    }

    /// <summary>Checks a frame of any source, also of one that delivers pixels and not files.</summary>
    /// <exception cref="ImageFormatException">The frame is larger than is taken.</exception>
    private Frame Checked(Frame frame)
    {
        try
        {
            limits.Of(options.Name).Check(frame.Image, frame.Source);
            return frame;
        }
        catch
        {
            frame.Image.Dispose();
            throw;
        }
    }

    private void OnProblem(string? why)
    {
        // Called on the source's thread and on that of a waiting trigger: the lock keeps the last report the true one.
        lock (_problems)
        {
            if (_problem == why)
                return;
            _problem = why;
            health.Set($"camera {options.Name}", why is null ? null : $"{options.Name}: {why}");
            if (why is null)
                LogDelivers(options.Name);
            else
                LogLost(options.Name, why);
        }
    }

    /// <summary>Logs an error that no frame should cause with all that a programmer needs, once as long as the same one comes again and again.</summary>
    private void OnError(Exception error)
    {
        var text = $"{error.GetType()}: {error.Message}";
        if (Interlocked.Exchange(ref _loggedError, text) != text)
            LogError(options.Name, Credentials.Masked(error.ToString()));
    }

    [LoggerMessage(101, LogLevel.Information, "{Camera} delivers frames")]
    private partial void LogDelivers(string camera);

    [LoggerMessage(102, LogLevel.Warning, "{Camera} delivers no frames: {Why}; trying again")]
    private partial void LogLost(string camera, string why);

    [LoggerMessage(105, LogLevel.Error, "{Camera}: an error that no frame should cause; it costs the frame, or the source is opened again: {Error}")]
    private partial void LogError(string camera, string error);

    [LoggerMessage(103, LogLevel.Information, "{Camera} is finished: {Why}")]
    private partial void LogEnded(string camera, string why);
}
