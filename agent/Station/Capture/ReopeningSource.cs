using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>
/// Contains whatever a source throws: it costs a frame or the camera, and never the station. A source that cannot be opened, or that fails with an error which is
/// not that of one frame, is closed and opened again without a limit of attempts, after 0.5 s, 1 s … 10 s.
/// </summary>
public sealed class ReopeningSource : IFrameSource
{
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500), MaxReopenDelay = TimeSpan.FromSeconds(10);

    private readonly Func<IFrameSource> _open;
    private readonly Action<string?> _problem;
    private readonly Action<Exception> _unexpected;
    private readonly TimeProvider _clock;
    private readonly BlockingCalls _calls;
    private readonly CancellationTokenSource _stop = new();
    private Task<IFrameSource> _opening;
    private TimeSpan _delay = ReopenDelay;
    private bool _failed;

    /// <summary>Begins to open the source.</summary>
    /// <param name="name">The name of the camera.</param>
    /// <param name="problem">Called with the reason when the source cannot be opened or has failed, and with null when a frame comes again.</param>
    /// <param name="unexpected">Called with each error that closed the source, for the log.</param>
    public ReopeningSource(string name, Func<IFrameSource> open, Action<string?> problem, Action<Exception> unexpected, TimeProvider clock)
    {
        (_open, _problem, _unexpected, _clock) = (open, problem, unexpected, clock);
        _calls = new BlockingCalls($"camera {name}", BlockingCalls.DefaultLimit, OnStuck);
        _opening = OpenAsync(TimeSpan.Zero);
    }

    /// <summary>Returns whether the source is live, once it is open; until then it is not.</summary>
    public bool IsLive => _opening.IsCompletedSuccessfully && _opening.Result.IsLive;

    /// <summary>Completes when the source is open.</summary>
    public async Task OpenedAsync(CancellationToken cancellationToken) => await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    /// <exception cref="NoFrameException">The source has failed and is being opened again; the cause is <see cref="NoFrameCause.Error"/>.</exception>
    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        var source = await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var frame = await source.NextAsync(cancellationToken).ConfigureAwait(false);
            Recovered();
            return frame;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is ImageFormatException or IOException and not CameraLostException)
        {
            // Of one frame; the next call returns the next one.
            throw;
        }
        catch (Exception e)
        {
            Close(source, e);
            throw new NoFrameException(NoFrameCause.Error, ErrorText.Of(e), e);
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_opening.IsCompletedSuccessfully)
            Dispose(_opening.Result);
        _calls.Dispose();
    }

    private void Close(IFrameSource source, Exception error)
    {
        _failed = true;
        _unexpected(error);
        _problem($"{ErrorText.Of(error)}; it is opened again");
        Dispose(source);
        _opening = OpenAsync(NextDelay());
    }

    private void Recovered()
    {
        if (!_failed)
            return;
        (_failed, _delay) = (false, ReopenDelay);
        _problem(null);
    }

    /// <summary>Opens the source, again and again until that succeeds or this is disposed.</summary>
    private async Task<IFrameSource> OpenAsync(TimeSpan delay)
    {
        // The constructor of a source may list a folder or search a network, which may hang.
        while (true)
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _clock, _stop.Token).ConfigureAwait(false);
            try
            {
                return await _calls.RunAsync("opening it", _open, Dispose, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                _failed = true;
                if (e is not StuckCallException)
                {
                    _unexpected(e);
                    _problem($"it cannot be opened: {ErrorText.Of(e)}");
                }

                delay = NextDelay();
            }
        }
    }

    private void Dispose(IFrameSource source)
    {
        try
        {
            source.Dispose();
        }
        catch (Exception e)
        {
            _unexpected(e);
        }
    }

    private TimeSpan NextDelay()
    {
        var delay = _delay;
        _delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, MaxReopenDelay.Ticks));
        return delay;
    }

    private void OnStuck(string? text)
    {
        if (text is not null)
            _problem(text);
    }
}
