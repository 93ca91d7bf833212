using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Statistics;

public static class StatisticsRegistration
{
    /// <summary>Registers history and statistics, which are kept up to date while the station runs.</summary>
    public static IServiceCollection AddStatistics(this IServiceCollection services, StationOptions options) =>
        services
            .AddSingleton(options.Statistics)
            .AddSingleton<ShiftCalendar>()
            .AddSingleton<FilterParser>()
            .AddSingleton(s => new HistoryQuery(s.GetRequiredService<ResultsStore>().OpenRead, s.GetRequiredService<ShiftCalendar>()))
            .AddSingleton(s => new KeptPictures(options.StateFolder, options.Evidence.Folder))
            .AddSingleton(s => new StatisticsQuery(s.GetRequiredService<ResultsStore>().OpenRead, s.GetRequiredService<ShiftCalendar>()))
            .AddSingleton(s => new StatisticsFold(s.GetRequiredService<ResultsStore>().OpenRead, s.GetRequiredService<ResultsStore>().WriteAsync, options.Statistics.ChartParts))
            .AddSingleton(s => new ChartSignals(
                s.GetRequiredService<StationHealth>(), s.GetRequiredService<MrfAdMeter>(), s.GetRequiredService<ResultsStore>().OpenRead, s.GetRequiredService<ShiftCalendar>()))
            .AddHostedService<StatisticsWorker>()
            .AtStart(s => s.GetRequiredService<StatisticsFold>().PointsAdded += s.GetRequiredService<ChartSignals>().Add);
}
