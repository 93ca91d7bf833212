using System.Collections.Concurrent;
using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;

namespace MrfAd.Station.GenICam;

/// <summary>
/// Frames of a GenICam camera, on a thread of its own. Asked for one, it sends the camera a software trigger and hands over the frame of that trigger
/// and of no other; a camera on its line or running freely is read all the time. A lost camera is opened again, for ever.
/// </summary>
public sealed class GenICamSource : IFrameSource
{
    private static readonly TimeSpan ReopenDelay = TimeSpan.FromMilliseconds(500), LongestDelay = TimeSpan.FromSeconds(10);

    // How soon the thread sees that nobody waits any more, that the camera is lost, or that it must stop.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    // Inside a dead camera's library a thread waits some seconds for answers; nothing else waits for it.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    // One trigger may be missed; a camera that misses so many in a row is opened again.
    private const int MostIgnored = 3;

    // The camera's loop takes them at once; more wait in the driver.
    private const int FramesAhead = 4;

    private readonly string _name;
    private readonly Func<GenICamCamera> _open;
    private readonly bool _isAsked, _isLatest, _isFree;
    private readonly SilenceLimit _silence;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly Action<string, long> _mismatch;
    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<TaskCompletionSource<Frame?>> _asks = [];
    private readonly Channel<object> _frames;
    private readonly Thread _thread;
    private string _doing = "";
    private long _skipped;
    private TimeSpan _delay = ReopenDelay;
    private bool _isSilent; // until its next frame it is not said to be well
    private int _ignored;

    /// <param name="problem">Told why no frames come, and null when they come again.</param>
    /// <param name="mismatch">Told where triggers, frames and the camera's counter disagree: "lost", "ignored", "surplus" or "torn", and how many.</param>
    public GenICamSource(CameraOptions options, TimeProvider clock, Action<string?> problem, Action<string, long> mismatch)
    {
        var address = SourceAddress.Parse(options.Source);
        var profile = options.Profile is { } path ? CameraProfile.Read(path) : new CameraProfile();
        _name = options.Source;
        _open = () => new GenICamCamera(GenICamDevice.Find(address.Kind, address.Place), profile, options.Trigger, clock);
        IsLive = options.Trigger is TriggerMode.Line or TriggerMode.FreeRun;
        (_isAsked, _isLatest, _isFree) = (!IsLive, options.PolicyInForce == Backpressure.Latest, options.Trigger == TriggerMode.FreeRun);
        (_silence, _clock, _isSilent) = (new SilenceLimit(options.StallAfter), clock, _isFree);
        (_problem, _mismatch) = (problem, mismatch);
        _frames = Channel.CreateBounded<object>(new BoundedChannelOptions(FramesAhead) { SingleReader = true, SingleWriter = true });
        _thread = new Thread(Run) { IsBackground = true, Name = $"camera {_name}" };
        _thread.Start();
    }

    public bool IsLive { get; }

    public async ValueTask<Frame?> NextAsync(CancellationToken cancellationToken)
    {
        if (IsLive && !_isLatest)
            return await _frames.Reader.ReadAsync(cancellationToken) is var next && next is Exception e ? throw e : (Frame)next;

        // One reader: what it asked for before is over. While the camera is away nobody else takes it out.
        while (_asks.TryTake(out _))
        {
        }

        var ask = new TaskCompletionSource<Frame?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asks.Add(ask, CancellationToken.None);
        await using var end = cancellationToken.Register(() => ask.TrySetCanceled(cancellationToken));
        try
        {
            return await ask.Task;
        }
        catch (OperationCanceledException) when (_isAsked && !_stop.IsCancellationRequested)
        {
            // Before whoever waits goes on: it says why nothing came.
            _problem(Volatile.Read(ref _doing));
            throw;
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (!_thread.Join(LeaveTime))
            return;
        while (_frames.Reader.TryRead(out var frame))
            (frame as Frame)?.Image.Dispose();
        _asks.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Doing("is being opened");
                using var camera = _open();
                Doing("is open and sends nothing");
                if (!_isSilent)
                    Delivers();
                if (_isAsked)
                    Serve(camera);
                else
                    Follow(camera);
            }
            catch (CameraLostException e)
            {
                Doing(e.Message);
                _problem($"{_name}: {e.Message}");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            _stop.Token.WaitHandle.WaitOne(_delay);
            _delay = TimeSpan.FromTicks(Math.Min(2 * _delay.Ticks, LongestDelay.Ticks));
        }
    }

    private void Delivers()
    {
        (_delay, _isSilent) = (ReopenDelay, false);
        _problem(null);
    }

    private CameraLostException Silent(string since)
    {
        _isSilent = true;
        return new CameraLostException($"it has sent no frame {since}");
    }

    /// <summary>One software trigger for each frame asked for.</summary>
    private void Serve(GenICamCamera camera)
    {
        while (!_stop.IsCancellationRequested)
        {
            camera.ThrowIfLost();
            if (!_asks.TryTake(out var ask, (int)Glance.TotalMilliseconds, _stop.Token) || ask.Task.IsCompleted)
                continue;
            while (camera.Discard(out var missed))
            {
                _mismatch("surplus", 1);
                Lost(missed);
            }

            try
            {
                Shoot(camera, ask);
            }
            catch (CameraLostException)
            {
                // Until its deadline the camera may be back.
                _asks.Add(ask);
                throw;
            }
        }
    }

    private void Shoot(GenICamCamera camera, TaskCompletionSource<Frame?> ask)
    {
        var failures = camera.Failures;
        Doing("does not answer the trigger command");
        camera.Trigger();
        Doing("has taken the trigger and sent no frame");
        if (Answer(camera, ask))
        {
            _ignored = 0;
            return;
        }

        _mismatch(camera.Failures > failures ? "lost" : "ignored", 1);
        if (++_ignored % MostIgnored == 0)
            throw Silent($"for {_ignored} triggers in a row");
        // Its frame may still be on its way, and must not be taken for the next trigger's.
        camera.Restart();
    }

    /// <returns>False where nothing came.</returns>
    private bool Answer(GenICamCamera camera, TaskCompletionSource<Frame?> ask)
    {
        var missed = 0L;
        try
        {
            while (!ask.Task.IsCompleted)
            {
                camera.ThrowIfLost();
                var frame = Take(camera, out missed);
                Lost(missed);
                if (frame is null)
                    continue;
                Delivers();
                if (!ask.TrySetResult(frame))
                    frame.Image.Dispose();
                return true;
            }

            return false;
        }
        catch (Exception e) when (e is NoFrameException or ImageFormatException)
        {
            Lost(missed);
            if (e is NoFrameException)
                _mismatch("torn", 1);
            ask.TrySetException(e);
            return true;
        }
    }

    /// <summary>Each frame that the camera takes.</summary>
    private void Follow(GenICamCamera camera)
    {
        var (since, longest) = (_clock.GetTimestamp(), TimeSpan.Zero);
        while (!_stop.IsCancellationRequested)
        {
            camera.ThrowIfLost();
            if (_isFree && _silence.Of(isOpen: true, longest) is var limit && _clock.GetElapsedTime(since) > limit)
                throw Silent($"for more than {limit.TotalSeconds:0.#} s");
            if (_isLatest && _asks.Count == 0)
            {
                if (camera.Discard(out var lost))
                {
                    Came();
                    _skipped++;
                }
                else
                {
                    _stop.Token.WaitHandle.WaitOne(1);
                }

                Lost(lost);
                continue;
            }

            object? next;
            var missed = 0L;
            try
            {
                next = Take(camera, out missed);
            }
            catch (Exception e) when (e is NoFrameException or ImageFormatException)
            {
                next = e;
                if (e is NoFrameException)
                    _mismatch("torn", 1);
            }

            Lost(missed);
            for (; missed > 0 && !_isLatest; missed--)
                Put(new NoFrameException(NoFrameCause.Lost, $"{_name} has taken a frame that did not arrive"));
            if (next is null)
                continue;
            Came();
            Put(next);
            since = _clock.GetTimestamp();
        }

        void Came()
        {
            if (_isSilent)
                Delivers();
            else
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, _clock.GetElapsedTime(since).Ticks));
            since = _clock.GetTimestamp();
        }
    }

    private void Put(object next)
    {
        if (!_isLatest)
        {
            _frames.Writer.WriteAsync(next, _stop.Token).AsTask().GetAwaiter().GetResult();
            return;
        }

        while (_asks.TryTake(out var ask))
        {
            if (next is Exception e ? ask.TrySetException(e) : ask.TrySetResult(((Frame)next) with { Skipped = _skipped }))
            {
                _skipped = 0;
                return;
            }
        }

        (next as Frame)?.Image.Dispose();
    }

    private void Lost(long frames)
    {
        if (frames > 0)
            _mismatch("lost", frames);
    }

    private Frame? Take(GenICamCamera camera, out long missed)
    {
        var image = camera.Take(Glance, out missed);
        return image is null ? null : new Frame(image, _name, camera.Decode);
    }

    private void Doing(string what) => Volatile.Write(ref _doing, $"{_name} {what}");
}
