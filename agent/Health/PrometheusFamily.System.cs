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

    public void Write(StringBuilder to)
    {
        to.Append("# HELP ").Append(name).Append(' ').Append(Escape(help)).Append('\n');
        to.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (var (labels, series) in _series)
        {
            if (type == "histogram")
                WriteHistogram(to, labels, series);
            else
                WriteLine(to, "", labels, series.Sum);
        }
    }

    private void WriteHistogram(StringBuilder to, string labels, PrometheusSeries series)
    {
        var prefix = labels.Length == 0 ? "" : labels + ",";
        var below = 0L;
        for (var i = 0; i < buckets.Count; i++)
        {
            below += series.Counts[i];
            WriteLine(to, "_bucket", $"{prefix}le=\"{PrometheusText.Number(buckets[i])}\"", below);
        }

        WriteLine(to, "_bucket", $"{prefix}le=\"+Inf\"", series.Count);
        WriteLine(to, "_sum", labels, series.Sum);
        WriteLine(to, "_count", labels, series.Count);
    }

    private void WriteLine(StringBuilder to, string suffix, string labels, double value)
    {
        to.Append(name).Append(suffix);
        if (labels.Length > 0)
            to.Append('{').Append(labels).Append('}');
        to.Append(' ').Append(PrometheusText.Number(value)).Append('\n');
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
