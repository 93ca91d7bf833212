using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Reporting;

public static class ReportingRegistration
{
    /// <summary>Registers the station's topics and the messages on them.</summary>
    public static IServiceCollection AddMessages(this IServiceCollection services, StationOptions options)
    {
        var topics = new StationTopics(options.Site, options.Line, options.Station);
        return services.AddSingleton(topics).AddSingleton(new StationMessages(topics, AgentVersion.Current));
    }

    /// <summary>Registers the reporting of verdicts and the events for their subscribers. The worker is registered last, by <see cref="AddReportingWorker"/>.</summary>
    public static IServiceCollection AddReporting(this IServiceCollection services) => services
        .AddSingleton<StatePublisher>()
        .AddSingleton<OutboxPublisher>()
        .AddSingleton<PresencePublisher>()
        .AddSingleton<PictureWriter>()
        .AddSingleton<VerdictReporter>()
        .AddSingleton<NameConflict>()
        .AtStart(s => s.GetRequiredService<NameConflict>().Subscribe())
        .AddSingleton<VerdictEvents>();

    /// <summary>Registers the worker that reports verdicts. Subscribers are registered before it, so that they receive what it reports at its start.</summary>
    public static IServiceCollection AddReportingWorker(this IServiceCollection services) => services.AddHostedService<ReportingWorker>();
}
