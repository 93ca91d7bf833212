using System.Diagnostics.Metrics;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Tests.Capture;

/// <summary>Adds up the increments of one of the agent's counters from now on.</summary>
public sealed class Counter : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _sum;

    public Counter(MrfAdMeter meter, string name)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter.Meter && instrument.Name == name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref _sum, value));
        _listener.Start();
    }

    public long Sum => Interlocked.Read(ref _sum);

    public void Dispose() => _listener.Dispose();
}
