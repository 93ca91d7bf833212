using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>
/// A camera that delivers whether asked or not. A thread takes every frame, so that none waits in a driver's or decoder's
/// buffer: who asks gets the first one that arrives after that, or every one if so wanted. When the camera breaks off, or sends nothing for
/// too long, it is opened again, for ever.
/// </summary>
public sealed class LiveSource : IFrameSource
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    // A thread inside a dead camera's driver may not come back; nothing else waits for it.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(2);

    // Until so many of them come back the camera is not opened once more.
    private const int MostStuck = 3;

    // How soon a silence is seen.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    // The camera's loop takes them at once.
    private const int FramesAhead = 4;

    private readonly string _name;
    private readonly Channel<Frame>? _every;
    private readonly Func<CancellationToken, ILiveReader> _open;
    private readonly TimeSpan _reopenDelay;
    private readonly SilenceLimit _silence;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _problem;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private readonly Lock _lock = new();
    private TaskCompletionSource<Frame?>? _asked;
    private long _skipped;

    /// <param name="name">For messages; without a password.</param>
    /// <param name="open">Opens the camera; cancelled when nobody wants it any more.</param>
    /// <param name="every">None is let pass; the reader keeps up.</param>
    /// <param name="reopenDelay">The first wait; doubled each time, up to 10 s.</param>
    /// <param name="stallAfter">So long without a frame it is opened again; zero: never. Null: by the pace of its frames.</param>
    /// <param name="problem">Told why no frames come, and null when they come again.</param>
    public LiveSource(string name, Func<CancellationToken, ILiveReader> open, bool every, TimeSpan reopenDelay, TimeSpan? stallAfter, TimeProvider clock, Action<string?> problem)
    {
        _name = name;
        _every = every ? Channel.CreateBounded<Frame>(FramesAhead) : null;
        _open = open;
        _reopenDelay = reopenDelay;
        _silence = new SilenceLimit(stallAfter);
        _clock = clock;
        _problem = problem;
        _run = Task.Run(RunAsync);
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
        if (!_run.Wait(LeaveTime))
            return;
        while (_every?.Reader.TryRead(out var frame) == true)
            frame.Image.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        var delay = _reopenDelay;
        var stuck = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            using var reading = new Reading(this);
            var stalled = await StalledAsync(reading);
            reading.Leave();
            if (stalled is not null)
                stuck.Add(reading.Ended);
            else
                await reading.Ended;
            if (_stop.IsCancellationRequested)
                return;
            _problem(stalled ?? reading.Why);
            delay = reading.Frames > 0 ? _reopenDelay : delay;
            stuck.RemoveAll(r => r.IsCompleted);
            var mayOpen = stuck.Count < MostStuck ? Task.CompletedTask : Task.WhenAny(stuck);
            await Task.WhenAll(mayOpen, Task.Delay(delay, _clock, _stop.Token)).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, LongestDelay.Ticks));
        }
    }

    /// <summary>Watches a camera until it has ended, the source is disposed of, or nothing has come for too long.</summary>
    /// <returns>That it has stalled; null otherwise.</returns>
    private async Task<string?> StalledAsync(Reading reading)
    {
        while (!reading.Ended.IsCompleted && !_stop.IsCancellationRequested)
        {
            var limit = _silence.Of(reading.IsOpen, reading.LongestPause);
            if (reading.SilentFor >= limit)
                return $"{_name} has sent nothing for more than {limit.TotalSeconds:0.#} s{(reading.Frames == 0 ? " since it was opened" : $", after {reading.Frames} frames")}";
            await Task.WhenAny(reading.Ended, Task.Delay(Glance, _clock, _stop.Token));
        }

        return null;
    }

    private void Deliver(Frame frame, CancellationToken left)
    {
        if (_every is not null)
        {
            _every.Writer.WriteAsync(frame, left).AsTask().GetAwaiter().GetResult();
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

    /// <summary>One opening of the camera, on a thread of its own; it may be left there.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly LiveSource _source;
        private readonly CancellationTokenSource _left = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationToken _isLeft;
        private ILiveReader? _reader;
        private long _waitsSince; // 0: it does not wait for a frame
        private long _longestPause;
        private int _frames;

        public Reading(LiveSource source)
        {
            (_source, _isLeft, _waitsSince) = (source, _left.Token, source._clock.GetTimestamp());
            new Thread(Run) { IsBackground = true, Name = $"camera {source._name}" }.Start();
        }

        public Task Ended => _ended.Task;

        public bool IsOpen => Volatile.Read(ref _reader) is not null;

        public int Frames => Volatile.Read(ref _frames);

        /// <summary>Why it has ended.</summary>
        public string Why { get; private set; } = "";

        /// <summary>Between two frames.</summary>
        public TimeSpan LongestPause => TimeSpan.FromTicks(Volatile.Read(ref _longestPause));

        public TimeSpan SilentFor => Volatile.Read(ref _waitsSince) is not 0 and var since ? _source._clock.GetElapsedTime(since) : TimeSpan.Zero;

        /// <summary>What it still sends is nobody's.</summary>
        public void Leave()
        {
            _left.Cancel();
            Volatile.Read(ref _reader)?.Interrupt();
        }

        public void Dispose() => _left.Dispose();

        private void Run()
        {
            try
            {
                Why = Read();
            }
            catch (OperationCanceledException)
            {
                // Left while it was opened, or handed a frame over.
            }
            finally
            {
                _ended.SetResult();
            }
        }

        private string Read()
        {
            var name = _source._name;
            try
            {
                using var reader = _source._open(_isLeft);
                Volatile.Write(ref _waitsSince, _source._clock.GetTimestamp());
                Volatile.Write(ref _reader, reader);
                while (!_isLeft.IsCancellationRequested && reader.Read() is { } image)
                    Take(image);
                return $"{name} broke off after {Frames} frames";
            }
            catch (CameraLostException e)
            {
                return Frames == 0 ? $"{name} cannot be opened: {e.Message}" : $"{name} broke off after {Frames} frames: {e.Message}";
            }
        }

        private void Take(Image image)
        {
            if (_isLeft.IsCancellationRequested)
            {
                image.Dispose();
                return;
            }

            var pause = SilentFor;
            Volatile.Write(ref _waitsSince, 0);
            if (Frames == 0)
                _source._problem(null);
            else
                Volatile.Write(ref _longestPause, Math.Max(_longestPause, pause.Ticks));
            Volatile.Write(ref _frames, Frames + 1);
            _source.Deliver(new Frame(image, _source._name, pause), _isLeft);
            Volatile.Write(ref _waitsSince, _source._clock.GetTimestamp());
        }
    }
}
