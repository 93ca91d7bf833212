using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>One camera: counts its triggers, takes a frame for each, and puts both into the queue, in order.</summary>
/// <param name="open">Opens the source; the argument is told why no frames come, or null when they come.</param>
public sealed partial class Camera(
    CameraOptions options,
    Func<Action<string?>, IFrameSource> open,
    PendingShots shots,
    StationHealth health,
    MrfAdMeter meter,
    TimeProvider clock,
    ILogger<Camera> log)
{
    // A source that fails at once each time would otherwise fill the broker with its complaints.
    private static readonly TimeSpan FreeRunPause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new() { SingleReader = true });
    private readonly Channel<bool> _places = Channel.CreateBounded<bool>(options.QueueLength);
    private readonly Lock _order = new();
    private readonly Lock _problems = new();
    private Snapshot? _awaitedSnapshot;
    private long _seq;
    private string? _problem;

    public CameraOptions Options => options;

    /// <summary>Triggers that wait for inspection, each in its place in the queue.</summary>
    public int Waiting => _places.Reader.Count;

    /// <summary>The inspection has taken a shot from the queue: its place is free.</summary>
    public void Taken(Shot shot)
    {
        if (shot.Trigger.Refusal is null)
            _places.Reader.TryRead(out _);
    }

    /// <summary>Counts on from an earlier run. Before the first trigger.</summary>
    public void CountFrom(long seq) => _seq = seq;

    /// <summary>Completes when the queue has room, or may have.</summary>
    public async Task RoomAsync(CancellationToken cancellationToken) => await _places.Writer.WaitToWriteAsync(cancellationToken);

    /// <summary>Asks for a frame. From any thread.</summary>
    /// <param name="id">What the asker calls it; null: the verdict's id.</param>
    /// <param name="record">Makes it known beyond this process, before it is acted on.</param>
    /// <param name="sent">The frame, where it comes with the trigger.</param>
    /// <returns>The trigger; also one with a refusal gets its verdict. Null where the station stops: then there is none, or the next start gives it.</returns>
    public Trigger? Fire(string? id, string source, Action<Trigger>? record = null, SentFrame? sent = null)
    {
        lock (_order)
        {
            var refusal = Refusal();
            var trigger = NewTrigger(id, source, refusal);
            record?.Invoke(trigger);
            return _requests.Writer.TryWrite(new(trigger, refusal is null ? sent : null, null)) ? trigger : null;
        }
    }

    /// <summary>A picture of what the camera sees, without a verdict: a frame of its own, or the next one where it runs freely.</summary>
    /// <returns>The caller owns its image.</returns>
    /// <exception cref="IOException">None came, and why.</exception>
    public async Task<Image> SnapshotAsync(CancellationToken cancellationToken)
    {
        if (options.FramesAreSent)
            throw new IOException($"{options.Name} takes no pictures: its frames are sent to it");
        var snapshot = new Snapshot();
        if (IsSelfTriggered)
            Interlocked.Exchange(ref _awaitedSnapshot, snapshot)?.Fail("another snapshot was asked for");
        else if (!_requests.Writer.TryWrite(new(null, null, snapshot)))
            throw new IOException("the station is stopping");
        try
        {
            return await snapshot.Image.WaitAsync(options.Deadline, clock, cancellationToken);
        }
        catch (TimeoutException e)
        {
            snapshot.Fail("too late");
            throw new IOException($"no frame within {options.Deadline.TotalSeconds:0.###} s{(_problem is null ? "" : $": {_problem}")}", e);
        }
    }

    /// <summary>Takes frames until stopped; what was triggered until then is in the queue when this ends.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var end = stopping.Register(() => _requests.Writer.TryComplete());
        using var frames = open(OnProblem);
        await (options.Trigger switch
        {
            _ when IsSelfTriggered => RunFreeAsync(frames, stopping),
            TriggerMode.Interval => RunByClockAsync(frames, stopping),
            _ => RunTriggeredAsync(frames, stopping),
        });
    }

    private async Task RunByClockAsync(IFrameSource frames, CancellationToken stopping)
    {
        // Where taking frames fails, the clock must not hide it.
        await foreach (var ended in Task.WhenEach(FireByClockAsync(stopping), RunTriggeredAsync(frames, stopping)))
            await ended;
    }

    private async Task RunTriggeredAsync(IFrameSource frames, CancellationToken stopping)
    {
        await foreach (var (asked, sent, snapshot) in _requests.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (asked is not { } trigger)
            {
                snapshot!.Take(await CaptureAsync(frames, clock.GetTimestamp(), stopping));
                continue;
            }

            var (frame, failure) = trigger.Refusal is { } refusal ? (null, refusal)
                : sent is null ? await CaptureAsync(frames, trigger.Timestamp, stopping)
                : await ReadAsync(() => ValueTask.FromResult<Frame?>(sent.Decode(clock)));
            Queue(trigger, frame, failure);
        }
    }

    private async Task RunFreeAsync(IFrameSource frames, CancellationToken stopping)
    {
        // What waits to be asked for waits for room in the queue: nothing is lost by that.
        var waits = !frames.IsLive || options.PolicyInForce == Backpressure.Latest;
        try
        {
            // What does not wait has passed when the station is ready: it is refused now.
            if (waits)
                await shots.Opened.WaitAsync(stopping);
            while (true)
            {
                if (waits)
                    await RoomAsync(stopping);
                var (frame, failure) = await ReadAsync(() => frames.NextAsync(stopping));
                if (failure?.Cause == NoFrameCause.SourceEnded)
                {
                    LogEnded(options.Name, failure.Text);
                    await Task.Delay(Timeout.InfiniteTimeSpan, stopping);
                }

                if (frame is not null)
                    Interlocked.Exchange(ref _awaitedSnapshot, null)?.Copy(frame.Image);
                if (frame?.Skipped is > 0 and var skipped)
                    meter.FramesSkipped(options.Name, skipped);
                QueueFree(frame, failure);
                if (failure?.Cause == NoFrameCause.Unreadable)
                    await Task.Delay(FreeRunPause, clock, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The station stops between two frames.
        }
    }

    private void QueueFree(Frame? frame, NoFrame? failure)
    {
        var refusal = Refusal();
        lock (_order)
        {
            var trigger = NewTrigger(null, MetricLabel.Of(options.Trigger), refusal);
            if (refusal is not null)
                frame?.Image.Dispose();
            Queue(trigger, refusal is null ? frame : null, failure ?? refusal);
        }
    }

    private async Task FireByClockAsync(CancellationToken stopping)
    {
        try
        {
            await shots.Opened.WaitAsync(stopping);
            using var timer = new PeriodicTimer(options.Interval, clock);
            while (await timer.WaitForNextTickAsync(stopping))
                Fire(null, "interval");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The station stops between two triggers.
        }
    }

    private async Task<(Frame? Frame, NoFrame? Failure)> CaptureAsync(IFrameSource frames, long since, CancellationToken stopping)
    {
        var left = options.Deadline - clock.GetElapsedTime(since);
        using var deadline = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            return await ReadAsync(() => frames.NextAsync(end.Token));
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

    private async Task<(Frame? Frame, NoFrame? Failure)> ReadAsync(Func<ValueTask<Frame?>> next)
    {
        try
        {
            return await next() is { } frame
                ? (frame, null)
                : (null, new NoFrame(NoFrameCause.SourceEnded, $"{options.Source} has no more frames"));
        }
        catch (NoFrameException e)
        {
            return (null, new NoFrame(e.Cause, e.Message));
        }
        catch (Exception e) when (e is ImageFormatException or IOException)
        {
            return (null, new NoFrame(NoFrameCause.Unreadable, e.Message));
        }
    }

    private void Queue(Trigger trigger, Frame? frame, NoFrame? failure) =>
        shots.Add(new Shot(this, trigger, frame, failure, frame is null ? null : clock.GetUtcNow(), clock.GetTimestamp()));

    private Trigger NewTrigger(string? id, string source, NoFrame? refusal)
    {
        var now = clock.GetUtcNow();
        var verdictId = Guid.CreateVersion7(now);
        return new Trigger(verdictId, ++_seq, id ?? verdictId.ToString(), source, now, clock.GetTimestamp(), refusal);
    }

    private bool IsSelfTriggered => options.Trigger is TriggerMode.FreeRun or TriggerMode.Line;

    /// <returns>Null: there was a place, and it is taken.</returns>
    private NoFrame? Refusal() =>
        !shots.Opened.IsCompleted ? new NoFrame(NoFrameCause.NotReady, "the station is still preparing")
        : _places.Writer.TryWrite(true) ? null
        : new NoFrame(NoFrameCause.QueueFull, $"the queue is full: {options.QueueLength} wait for inspection");

    private void OnProblem(string? why)
    {
        // From the source's thread and from whoever waits for a frame: what is told last must be what is so.
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

    /// <summary>A shot for a trigger, with its frame where that was sent along; or a picture for somebody who asks.</summary>
    private readonly record struct Request(Trigger? Trigger, SentFrame? Sent, Snapshot? Snapshot);

    [LoggerMessage(101, LogLevel.Information, "{Camera} delivers frames")]
    private partial void LogDelivers(string camera);

    [LoggerMessage(102, LogLevel.Warning, "{Camera} delivers no frames: {Why}; trying again")]
    private partial void LogLost(string camera, string why);

    [LoggerMessage(103, LogLevel.Information, "{Camera} is finished: {Why}")]
    private partial void LogEnded(string camera, string why);
}
