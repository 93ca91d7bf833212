using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace MrfAd.Agent.Health;

/// <summary>Keeps what a meter measured and writes it in Prometheus' text format 0.0.4, or in OpenMetrics 1.0, which has exemplars.</summary>
public sealed class PrometheusText : MeterReader
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";
    public const string OpenMetricsType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, PrometheusFamily> _families = new(StringComparer.Ordinal);

    private readonly TimeProvider _clock;

    /// <param name="clock">Says when an exemplar was.</param>
    public PrometheusText(Meter meter, TimeProvider clock)
    {
        _clock = clock;
        Listen(meter);
    }

    public string Write(bool openMetrics = false)
    {
        ReadGauges();
        var text = new StringBuilder();
        lock (_lock)
        {
            foreach (var family in _families.Values)
                family.Write(text, openMetrics);
        }

        if (openMetrics)
            text.Append("# EOF\n");

        return text.ToString();
    }

    /// <returns>As the format wants it: 1, 0.25, 1E-05, NaN, +Inf, -Inf.</returns>
    internal static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    protected override void Increase(Instrument counter, double by, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_lock)
            Family(counter, "counter", []).Series(labels).Sum += by;
    }

    protected override void Assign(Instrument gauge, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_lock)
            Family(gauge, "gauge", []).Series(labels).Sum = value;
    }

    protected override void Observe(Histogram<double> histogram, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels, object? verdictId)
    {
        lock (_lock)
            Family(histogram, "histogram", histogram.Advice!.HistogramBucketBoundaries!).Series(labels).Observe(value, verdictId, verdictId is null ? default : _clock.GetUtcNow());
    }

    private PrometheusFamily Family(Instrument instrument, string type, IReadOnlyList<double> buckets)
    {
        if (!_families.TryGetValue(instrument.Name, out var family))
            _families[instrument.Name] = family = new PrometheusFamily(instrument.Name, instrument.Description ?? "", type, buckets);
        return family;
    }
}
