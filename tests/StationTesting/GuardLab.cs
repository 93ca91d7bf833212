using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Testing;

/// <summary>A drift guard of a running station, with access to its gauges.</summary>
public sealed class GuardLab : IDisposable
{
    private readonly MrfAdMeter _meter = new("0");

    public GuardLab(int frames)
    {
        Options = new DriftOptions { Frames = frames };
        Guard = new DriftGuard(Options, _meter, Health, NullLogger<DriftGuard>.Instance);
        Health.Prepared();
        Health.Running();
    }

    public DriftOptions Options { get; }

    public DriftGuard Guard { get; }

    public StationHealth Health { get; } = new(TimeProvider.System);

    /// <summary>Returns the value of each drift gauge as on /metrics.</summary>
    public Dictionary<DriftKind, double> Gauges()
    {
        var gauges = new Dictionary<DriftKind, double>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => Enable(instrument, l) };
        listener.SetMeasurementEventCallback<double>((_, value, labels, _) => gauges[Enum.Parse<DriftKind>((string)labels[1].Value!, ignoreCase: true)] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return gauges;
    }

    /// <summary>Returns each drift gauge as a share of its limit; without sign, except for the score.</summary>
    public Dictionary<DriftKind, double> Shares() =>
        Gauges().ToDictionary(g => g.Key, g => (g.Key == DriftKind.Score ? g.Value : Math.Abs(g.Value)) / Options.LimitOf(g.Key));

    public void Dispose() => _meter.Dispose();

    private void Enable(Instrument instrument, MeterListener listener)
    {
        if (instrument.Meter == _meter.Meter && instrument.Name == "mrfad_drift")
            listener.EnableMeasurementEvents(instrument);
    }
}
