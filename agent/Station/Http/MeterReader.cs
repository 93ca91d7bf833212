using System.Diagnostics.Metrics;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Http;

/// <summary>Receives all measurements of one meter, by kind of instrument. Measurements made before <see cref="Listen"/> are not received.</summary>
public abstract class MeterReader : IDisposable
{
    private readonly MeterListener _listener = new();

    /// <summary>Starts to receive measurements. To be called by the derived class when it is ready.</summary>
    protected void Listen(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Record(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Record(instrument, value, labels));
        _listener.Start();
    }

    /// <summary>Reads all gauges.</summary>
    protected void ReadGauges() => _listener.RecordObservableInstruments();

    protected abstract void Increase(Instrument counter, double by, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    protected abstract void Assign(Instrument gauge, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    /// <param name="verdictId">The id of the verdict that was measured; null where the measurement belongs to none.</param>
    protected abstract void Observe(Histogram<double> histogram, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? verdictId);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            _listener.Dispose();
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (instrument is Histogram<double> histogram)
        {
            var hasVerdict = labels.Length > 0 && labels[^1].Key == MrfAdMeter.VerdictId;
            Observe(histogram, value, hasVerdict ? labels[..^1] : labels, hasVerdict ? labels[^1].Value : null);
        }
        else if (instrument.IsObservable)
            Assign(instrument, value, labels);
        else
            Increase(instrument, value, labels);
    }
}
