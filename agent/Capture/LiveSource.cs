using System.Threading.Channels;
using MrfAd.Engine.Images;

namespace MrfAd.Agent.Capture;

/// <summary>
/// A camera that delivers whether asked or not. A thread takes every frame, so that none waits in a driver's or decoder's
/// buffer: who asks gets the first one that arrives after that, or every one if so wanted. When the camera breaks off it is opened again, for ever.
/// </summary>
public sealed class LiveSource : IFrameSource
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    // A thread inside a dead camera's driver may not come back; nothing else waits for it.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    // The camera's loop takes them at once.
    private const int FramesAhead = 4;

    private readonly string _name;
    private readonly Channel<Frame>? _every;
    private readonly Func<VideoReader> _open;
    private readonly TimeSpan _reopenDelay;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private TaskCompletionSource<Frame?>? _asked;
    private long _skipped;

    /// <param name="name">For messages; without a password.</param>
    /// <param name="every">None is let pass; the reader keeps up.</param>
    /// <param name="reopenDelay">The first wait; doubled each time, up to 10 s.</param>
    /// <param name="problem">Told why no frames come, and null when they come again; on the camera's thread.</param>
    public LiveSource(string name, Func<VideoReader> open, bool every, TimeSpan reopenDelay, TimeProvider clock, Action<string?> problem)
    {
        _name = name;
        _every = every ? Channel.CreateBounded<Frame>(FramesAhead) : null;
        _open = open;
        _reopenDelay = reopenDelay;
        _clock = clock;
        _problem = problem;
        _thread = new Thread(Run) { IsBackground = true, Name = $"camera {name}" };
        _thread.Start();
    }

    public bool IsLive => true;

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        if (_every is not null)
            return await _every.Reader.ReadAsync(cancellationToken);
        var asked = new TaskCompletionSource<Frame?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _asked = asked;
        await using (cancellationToken.Register(() => asked.TrySetCanceled(cancellationToken)))
            return await asked.Task;
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (!_thread.Join(LeaveTime))
            return;
        while (_every?.Reader.TryRead(out var frame) == true)
            frame.Image.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        var delay = _reopenDelay;
        while (!_stop.IsCancellationRequested)
        {
            var (frames, why) = ReadUntilLost();
            if (_stop.IsCancellationRequested)
                return;
            _problem(why);
            delay = frames > 0 ? _reopenDelay : delay;
            _stop.Token.WaitHandle.WaitOne(delay);
            delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, LongestDelay.Ticks));
        }
    }

    private (int Frames, string Why) ReadUntilLost()
    {
        var frames = 0;
        try
        {
            using var reader = _open();
            var start = _clock.GetTimestamp();
            for (; !_stop.IsCancellationRequested && reader.Read() is { } image; start = _clock.GetTimestamp())
            {
                if (frames++ == 0)
                    _problem(null);
                Deliver(new Frame(image, _name, _clock.GetElapsedTime(start)));
            }

            return (frames, $"{_name} broke off after {frames} frames");
        }
        catch (OperationCanceledException)
        {
            return (frames, "stopping");
        }
        catch (CameraLostException e)
        {
            return (frames, $"{_name} cannot be opened: {e.Message}");
        }
        catch (VideoException)
        {
            // Its text holds the address, and that a password.
            return (frames, $"{_name} cannot be opened (wrong address, absent, busy, or a codec that is not there)");
        }
    }

    private void Deliver(Frame frame)
    {
        if (_every is not null)
        {
            _every.Writer.WriteAsync(frame, _stop.Token).AsTask().GetAwaiter().GetResult();
            return;
        }

        TaskCompletionSource<Frame?>? asked;
        lock (_lock)
            (asked, _asked) = (_asked, null);
        if (asked?.TrySetResult(frame with { Skipped = _skipped }) == true)
        {
            _skipped = 0;
            return;
        }

        _skipped++;
        frame.Image.Dispose();
    }
}
