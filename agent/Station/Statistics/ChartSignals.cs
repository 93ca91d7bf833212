using Microsoft.Data.Sqlite;
using MrfAd.Station.History;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Statistics;

/// <summary>
/// Shows the signals of the control charts in the station's state and as a metric. A signal stays for as many points as the longest rule looks at; if the process is still
/// off its centre by then, it has signalled again.
/// </summary>
public sealed class ChartSignals(StationHealth health, MrfAdMeter meter, Func<SqliteConnection> open, ShiftCalendar calendar)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Camera, string Product), List<ChartPoint>> _charts = [];
    private HashSet<string> _warned = [];

    /// <summary>Restores the signals of an earlier run.</summary>
    public void Restore()
    {
        using var connection = open();
        foreach (var (camera, product) in ChartTable.Charts(connection))
        {
            var points = ChartTable.Last(connection, camera, product, WesternElectric.Window);
            lock (_lock)
                _charts.Remove((camera, product)); // points that came meanwhile are among those that are stored
            Add(points);
        }
    }

    /// <summary>Adds new points of the charts.</summary>
    public void Add(IReadOnlyList<ChartPoint> points)
    {
        lock (_lock)
        {
            foreach (var point in points)
            {
                if (!_charts.TryGetValue((point.Camera, point.Product), out var chart))
                    _charts[(point.Camera, point.Product)] = chart = [];
                // A new bank or threshold begins the chart anew, and ends the signals of the old one.
                chart.RemoveAll(p => p.Phase != point.Phase);
                chart.Add(point);
                if (chart.Count > WesternElectric.Window)
                    chart.RemoveAt(0);
            }

            Show();
        }
    }

    private void Show()
    {
        var signals = _charts.Values.SelectMany(chart => chart.SelectMany(ChartSignal.Of)).GroupBy(s => (s.Camera, s.Product, s.Chart)).Select(g => g.Last()).ToList();
        foreach (var camera in _charts.Keys.Select(c => c.Camera).Distinct())
        {
            meter.SetChartSignal(camera, ChartSignal.NgShare, signals.Any(s => s.Camera == camera && s.Chart == ChartSignal.NgShare));
            meter.SetChartSignal(camera, ChartSignal.MedianScore, signals.Any(s => s.Camera == camera && s.Chart == ChartSignal.MedianScore));
        }

        var parts = signals.ToDictionary(s => $"chart {s.Chart} {s.Camera} {s.Product}", s => $"control chart of {s.Text} at {calendar.Text(s.At)}");
        foreach (var gone in _warned.Except(parts.Keys))
            health.Warn(gone, null);
        foreach (var (part, text) in parts)
            health.Warn(part, text);
        _warned = [.. parts.Keys];
    }
}
