using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;

namespace MrfAd.Cli.Collecting;

/// <summary>Takes pictures with a camera, one for each request or as they come, and puts them into the folder.</summary>
public sealed class Collector : IDisposable
{
    // A stream that is being opened, and a camera that exposes for seconds, still have their picture taken; a person does not wait longer.
    private static readonly TimeSpan FrameTimeout = TimeSpan.FromSeconds(20);

    // A source that fails at once each time would otherwise flood the terminal.
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly CollectOptions _options;
    private readonly CollectFolder _folder;
    private readonly CollectProgress _progress;
    private readonly ChannelReader<PictureRequest> _requests;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _failed = new();
    private string? _failure;
    private volatile bool _works;

    public Collector(CollectOptions options, CollectFolder folder, CollectProgress progress, ChannelReader<PictureRequest> requests, TimeProvider clock) =>
        (_options, _folder, _progress, _requests, _clock) = (options, folder, progress, requests, clock);

    public void Dispose() => _failed.Dispose();

    /// <summary>Takes pictures until there are enough, the source or the requests end, or this is cancelled.</summary>
    /// <returns>The reason why it ended before there were enough; null where there are enough, or none were counted, or it was cancelled.</returns>
    /// <exception cref="IOException">The camera cannot be opened, or the folder cannot be written.</exception>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        using var source = new ReopeningSource(_options.Camera.Name, Open, OnProblem, _ => { }, _clock);
        try
        {
            await source.OpenedAsync(stop.Token);
            _progress.TellReady();
            return _options.TakesEveryFrame ? await TakeAllAsync(source, stop.Token) : await TakeRequestedAsync(source, stop.Token);
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            throw new IOException(_failure);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Reports what keeps pictures away, and null when they come again. Before anything has worked it ends the collection: somebody is there who can act.</summary>
    public void Report(string? problem)
    {
        var text = problem is null ? null : Credentials.Masked(problem);
        if (text is null || _works)
        {
            _works = true;
            _progress.SetProblem(text);
            return;
        }

        Interlocked.CompareExchange(ref _failure, text, null);
        _failed.Cancel();
    }

    private bool IsEnough => _options.Count is { } count && _progress.Good >= count;

    private string SourceEnded => $"{_options.CameraName} has no more frames";

    private IFrameSource Open() => FrameSources.Open(_options.Camera, () => _options.Limits, _clock, OnProblem, OnWarning, OnMismatch);

    private void OnProblem(string? text) => Report(text is null ? null : $"camera: {text}");

    private void OnWarning(string? text)
    {
        if (text is not null)
            _progress.Tell(Credentials.Masked(text));
    }

    private void OnMismatch(string kind, long count) => _progress.Tell($"{count} {(count == 1 ? "frame" : "frames")} {kind}: triggers and the camera's counter disagree (see docs/cameras.md)");

    private async Task<string?> TakeAllAsync(ReopeningSource source, CancellationToken stop)
    {
        while (!IsEnough)
        {
            var (frame, failure) = await ReadAsync(() => source.NextAsync(stop), stop);
            if (frame is not null)
                Keep(frame);
            else if (failure is null)
                return SourceEnded;
            else
                await Task.Delay(FailurePause, _clock, stop);
        }

        return null;
    }

    private async Task<string?> TakeRequestedAsync(ReopeningSource source, CancellationToken stop)
    {
        await foreach (var request in _requests.ReadAllAsync(stop))
        {
            var (frame, failure) = request.Sent is { } sent ? await ReadAsync(() => ValueTask.FromResult<Frame?>(sent.Decode(_clock, _options.Limits)), stop)
                : await TakeAsync(source, stop);
            if (frame is not null)
            {
                var picture = Keep(frame);
                request.Reply?.TrySetResult(picture);
            }
            else
            {
                request.Reply?.TrySetException(new IOException(failure ?? SourceEnded));
                if (failure is null)
                    return SourceEnded;
            }

            if (IsEnough)
                return null;
        }

        return "there are no more triggers";
    }

    private async Task<(Frame? Frame, string? Failure)> TakeAsync(ReopeningSource source, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(FrameTimeout, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            return await ReadAsync(() => source.NextAsync(end.Token), stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var text = $"{_options.CameraName}: no frame within {FrameTimeout.TotalSeconds:0} s";
            _progress.Tell(text);
            return (null, text);
        }
    }

    /// <returns>The frame, or the reason why there is none; neither where the source has ended.</returns>
    private async Task<(Frame? Frame, string? Failure)> ReadAsync(Func<ValueTask<Frame?>> next, CancellationToken stop)
    {
        try
        {
            var frame = await next();
            _works |= frame is not null;
            return (frame, null);
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            stop.ThrowIfCancellationRequested();
            var text = Credentials.Masked(e.Message);
            _progress.Tell($"no picture: {text}");
            return (null, text);
        }
    }

    private CollectedPicture Keep(Frame frame)
    {
        using var image = frame.Image;
        var picture = _folder.Add(image);
        _progress.Take(picture);
        return picture;
    }
}
