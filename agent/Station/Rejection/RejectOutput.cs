using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Rejection;

/// <summary>
/// Drives one reject output: a pulse for each bad part at the moment when the part is at the reject station. Pulses that overlap become one longer pulse. A part
/// that has already passed gets none, because the pulse would hit another part.
/// </summary>
public sealed partial class RejectOutput(string camera, RejectOutputOptions options, IGpioOutput line, MrfAdMeter meter, TimeProvider clock, ILogger log) : IDisposable
{
    // By the moment at which they are due: a part of several views may be judged after one that comes behind it.
    private readonly Channel<PendingPulse> _pending = Channel.CreateUnboundedPrioritized<PendingPulse>(new() { SingleReader = true, Comparer = Comparer<PendingPulse>.Create((a, b) => a.Due.CompareTo(b.Due)) });
    private readonly Channel<bool> _added = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _opened = clock.GetTimestamp();

    // The maximum delay of a pulse: one that begins later would hit the following part more than its own.
    private readonly TimeSpan _maxDelayOfPulse = options.Width / 2;

    private TimeSpan Now => clock.GetElapsedTime(_opened);

    /// <summary>Schedules the pulse for a verdict that rejects the part of a trigger.</summary>
    public void Enqueue(Verdict verdict, Trigger trigger) => Enqueue(verdict, trigger.Seq, trigger.Timestamp);

    /// <summary>Schedules the pulse for a verdict that rejects.</summary>
    /// <param name="seq">The number of the trigger or the part, for the log.</param>
    /// <param name="timestamp">The moment of the trigger, for a part of several views that of its first trigger, on the clock's tick counter.</param>
    public void Enqueue(Verdict verdict, long seq, long timestamp)
    {
        if (!options.On.Contains(verdict))
            return;
        var (now, triggered) = (Now, clock.GetElapsedTime(_opened, timestamp));
        var latency = now - triggered;
        if (options.Delay > TimeSpan.Zero && latency > options.Delay)
        {
            meter.Output(camera, "late", latency);
            LogLateVerdict(camera, seq, latency.TotalMilliseconds, options.Delay.TotalMilliseconds);
            return;
        }

        _pending.Writer.TryWrite(new(seq, triggered, options.Delay > TimeSpan.Zero ? triggered + options.Delay : now));
        _added.Writer.TryWrite(true);
    }

    /// <summary>Drives the line until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var part = await NextAsync(stopping);
                if (IsPast(part))
                    continue;
                line.Drive(true);
                meter.Output(camera, "gpio", Now - part.Triggered);
                await HoldAsync(stopping);
                line.Drive(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Disposing makes the line inactive.
        }
    }

    public void Dispose() => line.Dispose();

    /// <summary>Completes with the next part when that is due.</summary>
    private async Task<PendingPulse> NextAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _pending.Reader.WaitToReadAsync(stopping);
            if (_pending.Reader.TryPeek(out var first) && first.Due <= Now && _pending.Reader.TryRead(out first))
                return first;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            var due = WaitUntilAsync(first.Due, either.Token);
            // One that is added meanwhile may be due before it.
            do
                await Task.WhenAny(due, _added.Reader.ReadAsync(either.Token).AsTask());
            while (!due.IsCompleted && _pending.Reader.TryPeek(out var next) && next.Due >= first.Due);
            await either.CancelAsync();
        }
    }

    /// <summary>Returns true for a part that has passed the reject station. Without a delay no moment can be missed: each pulse comes as soon as possible.</summary>
    private bool IsPast(PendingPulse part)
    {
        var now = Now;
        if (options.Delay == TimeSpan.Zero || now - part.Due <= _maxDelayOfPulse)
            return false;
        meter.Output(camera, "late", now - part.Triggered);
        LogLatePulse(camera, part.Seq, (now - part.Triggered).TotalMilliseconds, options.Delay.TotalMilliseconds);
        return true;
    }

    /// <summary>Completes at the end of the pulse: one width after it began, or after the last part that came while the line was active.</summary>
    private async Task HoldAsync(CancellationToken stopping)
    {
        var driven = Now;
        for (var end = driven + options.Width; Now < end;)
        {
            await WaitUntilAsync(end, stopping);
            while (_pending.Reader.TryPeek(out var part) && part.Due <= Now && _pending.Reader.TryRead(out _))
            {
                meter.Output(camera, "gpio", (part.Due > driven ? part.Due : driven) - part.Triggered);
                end = part.Due + options.Width;
            }
        }
    }

    private Task WaitUntilAsync(TimeSpan moment, CancellationToken stopping)
    {
        // Timers truncate to whole milliseconds; rounded up, none fires early.
        var wait = TimeSpan.FromMilliseconds(Math.Ceiling((moment - Now).TotalMilliseconds));
        return wait > TimeSpan.Zero ? Task.Delay(wait, clock, stopping) : Task.CompletedTask;
    }

    [LoggerMessage(251, LogLevel.Error, "{Camera} #{Seq}: the verdict came {LatencyMs:0} ms after the trigger, the part was at the reject station after {DelayMs:0} ms: it was not rejected")]
    private partial void LogLateVerdict(string camera, long seq, double latencyMs, double delayMs);

    [LoggerMessage(252, LogLevel.Error, "{Camera} #{Seq}: the line could be driven only {LatencyMs:0} ms after the trigger, the part was at the reject station after {DelayMs:0} ms: it was not rejected")]
    private partial void LogLatePulse(string camera, long seq, double latencyMs, double delayMs);
}
