using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Statistics;

/// <summary>Folds new verdicts into the statistics every few seconds. Where the database fails, the station goes on, warns, and tries again.</summary>
public sealed partial class StatisticsWorker(StatisticsFold fold, ChartSignals signals, StationHealth health, TimeProvider clock, ILogger<StatisticsWorker> log) : Worker(health)
{
    // A signal of the control charts must come while the parts can still be held.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly StationHealth _health = health;
    private string? _error;

    protected override async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        var isRestored = false;
        do
        {
            try
            {
                if (!isRestored)
                    signals.Restore();
                isRestored = true;
                await fold.FoldAsync(stopping);
                Report(null);
            }
            catch (Exception e) when (e is SqliteException or IOException or ResultsException or FormatException)
            {
                Report(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private void Report(string? error)
    {
        if (_error == error)
            return;
        _error = error;
        _health.Warn("statistics", error is null ? null : $"statistics are not up to date: {error}");
        if (error is not null)
            LogFailed(error);
    }

    [LoggerMessage(361, LogLevel.Error, "The statistics are not up to date: {Why}")]
    private partial void LogFailed(string why);
}
