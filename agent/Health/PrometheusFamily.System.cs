using System.Globalization;
using System.Text;

namespace MrfAd.Agent.Health;

/// <summary>All series of one metric.</summary>
internal sealed class PrometheusFamily(string name, string help, string type, IReadOnlyList<double> buckets)
{
    private readonly SortedDictionary<string, PrometheusSeries> _series = new(StringComparer.Ordinal);

    public PrometheusSeries Series(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = Text(labels);
        if (!_series.TryGetValue(text, out var series))
            _series[text] = series = new PrometheusSeries(buckets);
        return series;
    }

    /// <param name="openMetrics">A counter's family is then named without its "_total", and buckets have exemplars.</param>
    public void Write(StringBuilder to, bool openMetrics)
    {
        var family = openMetrics && type == "counter" ? name[..^"_total".Length] : name;
        to.Append("# HELP ").Append(family).Append(' ').Append(Escape(help)).Append('\n');
        to.Append("# TYPE ").Append(family).Append(' ').Append(type).Append('\n');
        foreach (var (labels, series) in _series)
        {
            if (type == "histogram")
                WriteHistogram(to, labels, series, openMetrics);
            else
                WriteLine(to, "", labels, series.Sum);
        }
    }

    private void WriteHistogram(StringBuilder to, string labels, PrometheusSeries series, bool exemplars)
    {
        var prefix = labels.Length == 0 ? "" : labels + ",";
        var below = 0L;
        for (var i = 0; i < buckets.Count; i++)
        {
            below += series.Counts[i];
            WriteLine(to, "_bucket", $"{prefix}le=\"{PrometheusText.Number(buckets[i])}\"", below, exemplars ? series.Exemplars[i] : null);
        }

        WriteLine(to, "_bucket", $"{prefix}le=\"+Inf\"", series.Count, exemplars ? series.Exemplars[^1] : null);
        WriteLine(to, "_sum", labels, series.Sum);
        WriteLine(to, "_count", labels, series.Count);
    }

    private void WriteLine(StringBuilder to, string suffix, string labels, double value, (object VerdictId, double Value, DateTimeOffset At)? exemplar = null)
    {
        to.Append(name).Append(suffix);
        if (labels.Length > 0)
            to.Append('{').Append(labels).Append('}');
        to.Append(' ').Append(PrometheusText.Number(value));
        if (exemplar is var (verdict, measured, at))
            to.Append(CultureInfo.InvariantCulture, $" # {{{MeterReader.VerdictId}=\"{verdict}\"}} {PrometheusText.Number(measured)} {at.ToUnixTimeMilliseconds() / 1000.0:0.000}");
        to.Append('\n');
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = new StringBuilder();
        foreach (var (label, value) in labels)
        {
            if (text.Length > 0)
                text.Append(',');
            text.Append(label).Append("=\"").Append(Escape(value?.ToString() ?? "").Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        return text.ToString();
    }

    private static string Escape(string text) => text.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
