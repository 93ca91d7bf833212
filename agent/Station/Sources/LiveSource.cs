using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>
/// A camera that delivers frames without requests. A thread takes every frame, so that none grows old in the buffer of a driver or decoder. A request gets the
/// first frame that arrives after it, or, where every frame is wanted, the next one of all. When the camera breaks off, or sends nothing for too long, it is
/// opened again, without a limit of attempts.
/// </summary>
public sealed class LiveSource : IFrameSource
{
    private static readonly TimeSpan MaxReopenDelay = TimeSpan.FromSeconds(10);

    // A thread inside the driver of a dead camera may never return; nothing else waits for it.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(2);

    // With this many threads stuck in the driver, the camera is not opened again until one of them returns.
    private const int MaxStuckThreads = 3;

    // The interval at which the silence of a camera is checked.
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // The camera's loop takes frames at once.
    private const int MaxPendingFrames = 4;

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
    private TaskCompletionSource<Frame?>? _request;
    private long _skipped;

    /// <param name="name">The name of the camera in messages, without a password.</param>
    /// <param name="open">Opens the camera; its token is cancelled when the camera is no longer needed.</param>
    /// <param name="every">Delivers every frame instead of the next one after a request; the reader must keep up.</param>
    /// <param name="reopenDelay">The first delay before the camera is opened again; it doubles each time, up to 10 s.</param>
    /// <param name="stallAfter">The time without a frame after which the camera is opened again; zero means never, null that it follows the pace of the frames.</param>
    /// <param name="problem">Called with the reason when frames stop coming, and with null when they come again.</param>
    public LiveSource(string name, Func<CancellationToken, ILiveReader> open, bool every, TimeSpan reopenDelay, TimeSpan? stallAfter, TimeProvider clock, Action<string?> problem)
    {
        _name = name;
        _every = every ? Channel.CreateBounded<Frame>(MaxPendingFrames) : null;
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
        var request = new TaskCompletionSource<Frame?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _request = request;
        await using (cancellationToken.Register(() => request.TrySetCanceled(cancellationToken)))
            return await request.Task;
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (!_run.Wait(StopTimeout))
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
            reading.Abandon();
            if (stalled is not null)
                stuck.Add(reading.Ended);
            else
                await reading.Ended;
            if (_stop.IsCancellationRequested)
                return;
            _problem(stalled ?? reading.EndReason);
            delay = reading.Frames > 0 ? _reopenDelay : delay;
            stuck.RemoveAll(r => r.IsCompleted);
            var mayOpen = stuck.Count < MaxStuckThreads ? Task.CompletedTask : Task.WhenAny(stuck);
            await Task.WhenAll(mayOpen, Task.Delay(delay, _clock, _stop.Token)).WaitAsync(_stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            delay = TimeSpan.FromTicks(Math.Min(2 * delay.Ticks, MaxReopenDelay.Ticks));
        }
    }

    /// <summary>Waits until a reading has ended, the source is disposed, or no frame has come for too long.</summary>
    /// <returns>A sentence that the camera has stalled; null otherwise.</returns>
    private async Task<string?> StalledAsync(Reading reading)
    {
        while (!reading.Ended.IsCompleted && !_stop.IsCancellationRequested)
        {
            var limit = _silence.Of(reading.IsOpen, reading.LongestPause);
            if (reading.SilentFor >= limit)
                return $"{_name} has sent nothing for more than {limit.TotalSeconds:0.#} s{(reading.Frames == 0 ? " since it was opened" : $", after {reading.Frames} frames")}";
            await Task.WhenAny(reading.Ended, Task.Delay(PollInterval, _clock, _stop.Token));
        }

        return null;
    }

    private void Deliver(Frame frame, CancellationToken cancellationToken)
    {
        if (_every is not null)
        {
            _every.Writer.WriteAsync(frame, cancellationToken).AsTask().GetAwaiter().GetResult();
            return;
        }

        TaskCompletionSource<Frame?>? request;
        lock (_lock)
            (request, _request) = (_request, null);
        if (request?.TrySetResult(frame with { Skipped = _skipped }) == true)
        {
            _skipped = 0;
            return;
        }

        _skipped++;
        frame.Image.Dispose();
    }

    /// <summary>One opening of the camera, on a thread of its own, which is abandoned when the camera stalls.</summary>
    private sealed class Reading : IDisposable
    {
        private readonly LiveSource _source;
        private readonly CancellationTokenSource _abandon = new();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationToken _abandoned;
        private ILiveReader? _reader;
        private long _waitsSince; // 0 while it does not wait for a frame
        private long _longestPause;
        private int _frames;

        public Reading(LiveSource source)
        {
            (_source, _abandoned, _waitsSince) = (source, _abandon.Token, source._clock.GetTimestamp());
            new Thread(Run) { IsBackground = true, Name = $"camera {source._name}" }.Start();
        }

        public Task Ended => _ended.Task;

        public bool IsOpen => Volatile.Read(ref _reader) is not null;

        public int Frames => Volatile.Read(ref _frames);

        /// <summary>The reason why the reading has ended.</summary>
        public string EndReason { get; private set; } = "";

        /// <summary>The longest pause between two frames.</summary>
        public TimeSpan LongestPause => TimeSpan.FromTicks(Volatile.Read(ref _longestPause));

        public TimeSpan SilentFor => Volatile.Read(ref _waitsSince) is not 0 and var since ? _source._clock.GetElapsedTime(since) : TimeSpan.Zero;

        /// <summary>Abandons the reading: frames that still come are discarded.</summary>
        public void Abandon()
        {
            _abandon.Cancel();
            try
            {
                Volatile.Read(ref _reader)?.Interrupt();
            }
            catch (Exception)
            {
                // A reader that cannot be interrupted, or is closed already, counts as stuck until its thread has ended.
            }
        }

        public void Dispose() => _abandon.Dispose();

        private void Run()
        {
            try
            {
                EndReason = Read();
            }
            catch (OperationCanceledException)
            {
                // Abandoned while the camera was opened, or a frame was handed over.
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
                using var reader = _source._open(_abandoned);
                Volatile.Write(ref _waitsSince, _source._clock.GetTimestamp());
                Volatile.Write(ref _reader, reader);
                while (!_abandoned.IsCancellationRequested && reader.Read() is { } image)
                    Take(image);
                return $"{name} broke off after {Frames} frames";
            }
            catch (Exception e) when (e is not OperationCanceledException || !_abandoned.IsCancellationRequested)
            {
                // Whatever a driver throws costs its camera; on this thread it would end the process.
                return Frames == 0 ? $"{name} cannot be opened: {ErrorText.Of(e)}" : $"{name} broke off after {Frames} frames: {ErrorText.Of(e)}";
            }
        }

        private void Take(Image image)
        {
            if (_abandoned.IsCancellationRequested)
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
            _source.Deliver(new Frame(image, _source._name, pause), _abandoned);
            Volatile.Write(ref _waitsSince, _source._clock.GetTimestamp());
        }
    }
}
