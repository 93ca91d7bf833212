using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Gpio;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.RejectOutput;

/// <summary>
/// One reject gate: for each bad part a pulse, when the part is there. A verdict that comes after that gives none: the pulse would hit another part.
/// </summary>
public sealed partial class Gate(string camera, GateOptions options, IGpioOutput line, MrfAdMeter meter, TimeProvider clock, ILogger<Gate> log) : IDisposable
{
    private readonly Channel<Trigger> _rejected = Channel.CreateUnbounded<Trigger>(new() { SingleReader = true });

    /// <summary>From the inspection's thread.</summary>
    public void Give(Verdict verdict, Trigger trigger)
    {
        if (!options.On.Contains(verdict))
            return;
        var latency = clock.GetElapsedTime(trigger.Timestamp);
        if (options.Delay > TimeSpan.Zero && latency > options.Delay)
        {
            meter.Output(camera, "late", latency);
            LogLate(camera, trigger.Seq, latency.TotalMilliseconds, options.Delay.TotalMilliseconds);
            return;
        }

        _rejected.Writer.TryWrite(trigger);
    }

    /// <summary>One pulse after the other until stopped: parts pass in the order of their triggers.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var trigger in _rejected.Reader.ReadAllAsync(stopping))
            {
                var early = options.Delay - clock.GetElapsedTime(trigger.Timestamp);
                if (early > TimeSpan.Zero)
                    await Task.Delay(early, clock, stopping);
                line.Drive(true);
                meter.Output(camera, "gpio", clock.GetElapsedTime(trigger.Timestamp));
                await Task.Delay(options.Width, clock, stopping);
                line.Drive(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Disposing makes the line inactive.
        }
    }

    public void Dispose() => line.Dispose();

    [LoggerMessage(251, LogLevel.Error, "{Camera} #{Seq}: the verdict came {LatencyMs:0} ms after the trigger, the part was at the gate after {DelayMs:0} ms: it was not rejected")]
    private partial void LogLate(string camera, long seq, double latencyMs, double delayMs);
}
