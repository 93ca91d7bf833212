using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>Counts the triggers of one camera, takes a frame for each, and puts both into the queue in order.</summary>
/// <param name="open">Opens the source. Its argument is called with the reason when frames stop coming, and with null when they come again.</param>
public sealed partial class Camera(
    CameraOptions options,
    Func<Action<string?>, IFrameSource> open,
    PendingShots shots,
    FrameLimits limits,
    StationHealth health,
    MrfAdMeter meter,
    TimeProvider clock,
    ILogger<Camera> log)
{
    // A source that fails at once each time would otherwise flood the broker with INVALID verdicts.
    private static readonly TimeSpan FreeRunPause = TimeSpan.FromMilliseconds(100);

    private readonly Channel<Request> _requests = Channel.CreateUnbounded<Request>(new() { SingleReader = true });
    private readonly Channel<bool> _places = Channel.CreateBounded<bool>(options.QueueLength);
    private readonly Lock _order = new();
    private readonly Lock _problems = new();
    private readonly TransientProblem _memoryFull = new(health, $"memory for {options.Name}", clock);
    private readonly FaultStreak _errors = new(health, $"frames of {options.Name}");
    private Snapshot? _awaitedSnapshot;
    private long _seq;
    private string? _problem;
    private string? _loggedError;

    /// <summary>The options of the camera.</summary>
    public CameraOptions Options => options;

    /// <summary>The products of the station; null where it has none.</summary>
    public ActiveProducts? Products { get; set; }

    /// <returns>The options of the camera while it inspects a product.</returns>
    /// <param name="product">The product; null where the station has none.</param>
    public CameraOptions OptionsOf(string? product) => Products?.Options(options, product) ?? options;

    /// <summary>The number of triggers that wait for inspection in the queue.</summary>
    public int Waiting => _places.Reader.Count;

    /// <summary>Frees the place of a shot that the inspection has taken from the queue.</summary>
    public void Taken(Shot shot)
    {
        if (shot.Trigger.Refusal is null)
            _places.Reader.TryRead(out _);
    }

    /// <summary>Continues the trigger numbers of an earlier run; called before the first trigger.</summary>
    public void CountFrom(long seq) => _seq = seq;

    /// <summary>Completes when the queue has, or may have, room for another trigger.</summary>
    public async Task RoomAsync(CancellationToken cancellationToken) => await _places.Writer.WaitToWriteAsync(cancellationToken);

    /// <summary>Triggers the camera. It may be called on any thread.</summary>
    /// <param name="id">The id that the sender gave the trigger; null means the verdict's id.</param>
    /// <param name="source">The source of the trigger: "mqtt", "http", "gpio" or "interval".</param>
    /// <param name="record">Records the trigger durably before anything else is done with it.</param>
    /// <param name="sent">The frame that was sent with the trigger; null where the camera takes one.</param>
    /// <param name="part">The data of the part that came with the trigger; null where none came.</param>
    /// <param name="product">The product by which this part is judged; null means the one that is active now.</param>
    /// <param name="sender">The sender's span, to which the part's trace is joined, see <see cref="PartTrace.SenderOf"/>.</param>
    /// <returns>The trigger, which gets a verdict even when it was refused. Null while the station stops: then a recorded trigger gets its verdict at the next start.</returns>
    public Trigger? Fire(
        string? id, string source, Action<Trigger>? record = null, SentFrame? sent = null, PartInfo? part = null, string? product = null, ActivityContext sender = default)
    {
        lock (_order)
        {
            var refusal = UnknownProduct(product) ?? Refusal();
            var trigger = NewTrigger(id, source, product, refusal, sender) with { Part = part };
            record?.Invoke(trigger);
            trigger.Trace?.Add(SpanNames.Trigger, trigger.Timestamp);
            var isQueued = _requests.Writer.TryWrite(new(trigger, refusal is null ? sent : null, null));
            if (!isQueued || refusal is not null)
                sent?.Dispose();
            return isQueued ? trigger : null;
        }
    }

    /// <summary>Takes a picture without a verdict: a frame of its own, or the next one of a camera that triggers itself.</summary>
    /// <returns>The image, which the caller owns.</returns>
    /// <exception cref="IOException">No frame came; the text says why.</exception>
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

    /// <summary>Takes frames until stopped; when it completes, every trigger until then is in the queue.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        await using var end = stopping.Register(() => _requests.Writer.TryComplete());
        using var frames = new ReopeningSource(options.Name, () => open(OnProblem), OnProblem, OnError, clock);
        await (options.Trigger switch
        {
            _ when IsSelfTriggered => RunFreeAsync(frames, stopping),
            TriggerMode.Interval => RunByClockAsync(frames, stopping),
            _ => RunTriggeredAsync(frames, stopping),
        });
    }

    private async Task RunByClockAsync(ReopeningSource frames, CancellationToken stopping)
    {
        // A failure to take frames must end this at once, though the timer runs on.
        await foreach (var ended in Task.WhenEach(FireByClockAsync(stopping), RunTriggeredAsync(frames, stopping)))
            await ended;
    }

    private async Task RunTriggeredAsync(ReopeningSource frames, CancellationToken stopping)
    {
        await foreach (var (requested, sent, snapshot) in _requests.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (requested is not { } trigger)
            {
                snapshot!.Take(await CaptureAsync(frames, clock.GetTimestamp(), stopping));
                continue;
            }

            using (sent)
            {
                var start = clock.GetTimestamp();
                var (frame, failure) = trigger.Refusal is { } refusal ? (null, refusal)
                    : sent is null ? await CaptureAsync(frames, trigger.Timestamp, stopping)
                    : await ReadAsync(() => ValueTask.FromResult<Frame?>(sent.Decode(clock, limits.Of(options.Name))), stopping);
                if (trigger.Refusal is null)
                    trigger.Trace?.Add(SpanNames.Capture, start, failure?.Text);
                Queue(trigger, frame, failure);
            }
        }
    }

    private async Task RunFreeAsync(ReopeningSource frames, CancellationToken stopping)
    {
        try
        {
            await frames.OpenedAsync(stopping);
            // A source that delivers on request is read only when the queue has room, by which nothing is lost.
            var waits = !frames.IsLive || options.PolicyInForce == Backpressure.Latest;
            // The frames of a source that does not wait are gone when the station is ready, therefore they are refused now.
            if (waits)
                await shots.Opened.WaitAsync(stopping);
            while (true)
            {
                if (waits)
                    await RoomAsync(stopping);
                var (frame, failure) = await ReadAsync(() => frames.NextAsync(stopping), stopping);
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
                if (failure?.Cause is NoFrameCause.Unreadable or NoFrameCause.Error)
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
            var trigger = NewTrigger(null, MetricLabel.Of(options.Trigger), null, refusal, sender: default);
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

    private void Queue(Trigger trigger, Frame? frame, NoFrame? failure)
    {
        IDisposable? memory = null;
        if (frame is not null)
        {
            memory = limits.TryHold(frame.Image, out var full);
            if (full is not null)
            {
                _memoryFull.Raise($"frames of {options.Name}: {full.Text}");
                frame.Image.Dispose();
                (frame, failure) = (null, full);
            }
        }

        shots.Add(new Shot(this, trigger, frame, failure, frame is null ? null : clock.GetUtcNow(), clock.GetTimestamp()) { Memory = memory });
    }

    private Trigger NewTrigger(string? id, string source, string? product, NoFrame? refusal, ActivityContext sender)
    {
        var (now, timestamp) = (clock.GetUtcNow(), clock.GetTimestamp());
        var verdictId = Guid.CreateVersion7(now);
        return new Trigger(verdictId, ++_seq, id ?? verdictId.ToString(), source, now, timestamp, refusal)
        {
            // The product is fixed with the trigger: one that is chosen later is for later parts.
            Product = refusal?.Cause == NoFrameCause.UnknownProduct ? null : product ?? Products?.Of(options.Name),
            Trace = PartTrace.Begin(sender, source, now, timestamp, clock),
        };
    }

    private bool IsSelfTriggered => options.Trigger is TriggerMode.FreeRun or TriggerMode.Line;

    /// <returns>The reason to refuse a trigger; null where a place in the queue was free, which is now taken.</returns>
    private NoFrame? Refusal() =>
        !shots.Opened.IsCompleted ? new NoFrame(NoFrameCause.NotReady, "the station is still preparing")
        : _places.Writer.TryWrite(true) ? null
        : new NoFrame(NoFrameCause.QueueFull, $"the queue is full: {options.QueueLength} wait for inspection");

    private NoFrame? UnknownProduct(string? product) =>
        product is null ? null
        : Products is null ? new NoFrame(NoFrameCause.UnknownProduct, "this station has no products")
        : Products.Refuse(product) is { } refusal ? new NoFrame(NoFrameCause.UnknownProduct, refusal)
        : null;

    /// <summary>A request for a frame: either for a trigger, with its frame where that was sent along, or for a snapshot.</summary>
    private readonly record struct Request(Trigger? Trigger, SentFrame? Sent, Snapshot? Snapshot);
}
