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
    private readonly Channel<PendingPulse> _pending = Channel.CreateUnbounded<PendingPulse>(new() { SingleReader = true });
    private readonly long _opened = clock.GetTimestamp();

    // The maximum delay of a pulse: one that begins later would hit the following part more than its own.
    private readonly TimeSpan _maxDelayOfPulse = options.Width / 2;

    private TimeSpan Now => clock.GetElapsedTime(_opened);

    /// <summary>Schedules the pulse for a verdict that rejects; called in the order of the triggers, on the inspection's thread.</summary>
    public void Enqueue(Verdict verdict, Trigger trigger)
    {
        if (!options.On.Contains(verdict))
            return;
        var (now, triggered) = (Now, clock.GetElapsedTime(_opened, trigger.Timestamp));
        var latency = now - triggered;
        if (options.Delay > TimeSpan.Zero && latency > options.Delay)
        {
            meter.Output(camera, "late", latency);
            LogLateVerdict(camera, trigger.Seq, latency.TotalMilliseconds, options.Delay.TotalMilliseconds);
            return;
        }

        _pending.Writer.TryWrite(new(trigger.Seq, triggered, options.Delay > TimeSpan.Zero ? triggered + options.Delay : now));
    }

    /// <summary>Drives the line until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var part in _pending.Reader.ReadAllAsync(stopping))
            {
                await WaitUntilAsync(part.Due, stopping);
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
