using System.Diagnostics;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using OpenTelemetry;

namespace MrfAd.Station.Traces;

/// <summary>
/// The spans that wait for the collector, sent in batches on a thread of their own. When it is full, further spans are dropped and counted: nothing waits for the collector.
/// </summary>
internal sealed class SpanQueue : BatchActivityExportProcessor
{
    private const int MaxBatch = 512;

    // The time for which spans are gathered into one transmission.
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);

    private readonly int _max;
    private readonly MrfAdMeter _meter;
    private int _waiting;

    public SpanQueue(SpanExporter exporter, TracesOptions options, MrfAdMeter meter)
        : base(exporter, options.QueueLength, (int)Delay.TotalMilliseconds, (int)options.Timeout.TotalMilliseconds, Math.Min(MaxBatch, options.QueueLength))
    {
        (_max, _meter) = (options.QueueLength, meter);
        exporter.Exported += count => Interlocked.Add(ref _waiting, -(int)count);
    }

    public override void OnEnd(Activity data)
    {
        if (!data.Recorded)
            return;
        // The base class would drop it as well, but without a word.
        if (Interlocked.Increment(ref _waiting) <= _max)
        {
            base.OnEnd(data);
            return;
        }

        Interlocked.Decrement(ref _waiting);
        _meter.SpansEnded("dropped", 1);
    }
}
