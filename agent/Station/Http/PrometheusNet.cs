using System.Diagnostics.Metrics;
using MrfAd.Station.Runtime;
using Prometheus;

namespace MrfAd.Station.Http;

/// <summary>
/// Exports the measurements of a meter through prometheus-net. Its own MeterAdapter is not used because it declares counters as gauges, which
/// promtool refuses, and drops a series without recent measurements.
/// </summary>
public sealed class PrometheusNet : MeterReader
{
    private readonly MetricFactory _factory;

    public PrometheusNet(Meter meter)
    {
        _factory = Metrics.WithCustomRegistry(Registry);
        Registry.AddBeforeCollectCallback(ReadGauges);
        Listen(meter);
    }

    public CollectorRegistry Registry { get; } = Metrics.NewCustomRegistry();

    protected override void Increase(Instrument counter, double by, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        _factory.CreateCounter(counter.Name, counter.Description!, Names(labels)).WithLabels(Values(labels)).Inc(by);

    protected override void Assign(Instrument gauge, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels) =>
        _factory.CreateGauge(gauge.Name, gauge.Description!, Names(labels)).WithLabels(Values(labels)).Set(value);

    protected override void Observe(Histogram<double> histogram, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? verdictId) =>
        _factory.CreateHistogram(histogram.Name, histogram.Description!, Names(labels), new HistogramConfiguration { Buckets = [.. histogram.Advice!.HistogramBucketBoundaries!] })
            .WithLabels(Values(labels)).Observe(value, verdictId is null ? Exemplar.None : Exemplar.From(Exemplar.Pair(MrfAdMeter.VerdictId, verdictId.ToString()!)));

    private static string[] Names(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var names = new string[labels.Length];
        for (var i = 0; i < names.Length; i++)
            names[i] = labels[i].Key;
        return names;
    }

    private static string[] Values(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var values = new string[labels.Length];
        for (var i = 0; i < values.Length; i++)
            values[i] = labels[i].Value?.ToString() ?? "";
        return values;
    }
}
