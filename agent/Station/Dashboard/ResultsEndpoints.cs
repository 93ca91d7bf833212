using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Control;
using MrfAd.Station.History;
using MrfAd.Station.Options;
using MrfAd.Station.Results;
using MrfAd.Station.Review;
using MrfAd.Station.Statistics;
using MrfAd.Station.Updates;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps history, statistics, review, regions and collections: one API, which <c>/api/openapi.json</c> describes, for the pages and for other programs.</summary>
public sealed class ResultsEndpoints
{
    private readonly HistoryEndpoints _history;
    private readonly StatisticsEndpoints _statistics;
    private readonly ReviewEndpoints _review;
    private readonly RegionEndpoints _regions;
    private readonly CollectionEndpoints _collection;

    public ResultsEndpoints(IServiceProvider services, StationOptions options)
    {
        var (history, calendar, statistics) = (services.GetRequiredService<HistoryQuery>(), services.GetRequiredService<ShiftCalendar>(), services.GetRequiredService<StatisticsQuery>());
        var (pictures, store) = (services.GetRequiredService<KeptPictures>(), services.GetRequiredService<ResultsStore>());
        _history = new HistoryEndpoints(
            history, services.GetRequiredService<FilterParser>(), calendar, pictures, new ShiftReport(history, statistics, pictures, calendar),
            new DatasetExport(history, pictures), services.GetRequiredService<StationTopics>());
        _statistics = new StatisticsEndpoints(statistics, services.GetRequiredService<StatisticsFold>(), _history, options.Cameras.Max(c => c.Deadline).TotalMilliseconds);
        _regions = ActivatorUtilities.CreateInstance<RegionEndpoints>(services);
        _collection = ActivatorUtilities.CreateInstance<CollectionEndpoints>(services);
        _review = new ReviewEndpoints(
            history, new ReviewQueues(store.OpenRead, pictures), new LabelStatistics(store.OpenRead, statistics), store, _statistics,
            services.GetRequiredService<DetectorBanks>(), new CommandEndpoint(services.GetRequiredService<CommandDispatcher>()), services.GetRequiredService<TimeProvider>());
    }

    /// <summary>Maps what those may see who may see the dashboard.</summary>
    public void MapRead(IEndpointRouteBuilder read)
    {
        _history.Map(read);
        _statistics.Map(read);
        _review.MapRead(read);
        _regions.MapRead(read);
        _collection.MapRead(read);
        read.MapOpenApi("/openapi.json");
    }

    /// <summary>Maps what needs a session.</summary>
    public void MapChange(IEndpointRouteBuilder change) => _review.MapChange(change);
}
