using System.Diagnostics.Metrics;

namespace MrfAd.Station.Http;

/// <summary>Hears everything one meter measures, sorted by what has to be done with it. What was measured before is not heard.</summary>
public abstract class MeterReader : IDisposable
{
    /// <summary>A tag of this name is no label: it names the verdict that was measured, as the measurement's exemplar.</summary>
    public const string VerdictId = "verdict_id";

    private readonly MeterListener _listener = new();

    /// <summary>Called by the derived class when it is ready to hear.</summary>
    protected void Listen(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, labels, _) => Hear(instrument, value, labels));
        _listener.SetMeasurementEventCallback<double>((instrument, value, labels, _) => Hear(instrument, value, labels));
        _listener.Start();
    }

    /// <summary>Asks the gauges.</summary>
    protected void ReadGauges() => _listener.RecordObservableInstruments();

    protected abstract void Increase(Instrument counter, double by, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    protected abstract void Assign(Instrument gauge, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    /// <param name="verdictId">Whose measurement it is; null where it is nobody's.</param>
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

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (instrument is Histogram<double> histogram)
        {
            var hasVerdict = labels.Length > 0 && labels[^1].Key == VerdictId;
            Observe(histogram, value, hasVerdict ? labels[..^1] : labels, hasVerdict ? labels[^1].Value : null);
        }
        else if (instrument.IsObservable)
            Assign(instrument, value, labels);
        else
            Increase(instrument, value, labels);
    }
}
