using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Collecting;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Dashboard;

/// <summary>Registers and maps the web page.</summary>
public static class DashboardRegistration
{
    /// <summary>Registers the recent verdicts, which subscribe to new ones, and the feed of all stations where the configuration enables it.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services, StationOptions options)
    {
        if (!options.Dashboard.Enabled)
            return services;
        services.AddApi();
        if (options.Dashboard.Plant)
            services.AddSingleton(s => BuildPlant(s, options));
        return services
            .AddSingleton(s => new RecentVerdicts(options.Dashboard.Keep, s.GetRequiredService<MemoryBudget>()))
            .AtStart(s =>
            {
                var recent = s.GetRequiredService<RecentVerdicts>();
                recent.Restore(s.GetRequiredService<StationOutbox>().Verdicts.Latest(RecentVerdicts.MaxRestored), ActivatorUtilities.CreateInstance<RestoredPictures>(s).Of);
                s.GetRequiredService<VerdictEvents>().ImagesReported += recent.Add;
            });
    }

    /// <summary>Serves the page where the configuration enables it.</summary>
    public static void MapDashboard(this WebApplication app, StationOptions station)
    {
        var options = station.Dashboard;
        if (!options.Enabled)
            return;
        var (services, clock) = (app.Services, app.Services.GetRequiredService<TimeProvider>());
        app.MapDashboard(
            options, TokenGuard.Open(services, options.TokenFile, "sign-in"), services.GetRequiredService<RecentVerdicts>(),
            ActivatorUtilities.CreateInstance<StationSnapshot>(services, AgentVersion.Current), services.GetRequiredService<CommandDispatcher>(),
            services.GetService<PlantFeed>(), new ResultsEndpoints(services, station), services.GetRequiredService<Collections>(), clock, app.Lifetime.ApplicationStopping);
    }

    /// <summary>Registers the description of the API, and its JSON: snake_case, as the messages.</summary>
    private static void AddApi(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower)
        .AddOpenApi(api => api.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new() { Title = "MrfAd.Edge", Version = "v1", Description = "Stored verdicts, statistics and review of a station." };
            document.Servers = [];
            return Task.CompletedTask;
        }));

    private static PlantFeed BuildPlant(IServiceProvider services, StationOptions options)
    {
        var (clock, log) = (services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<PlantFeed>>());
        // Without a session, the broker keeps no messages of other stations while this one is away.
        var mqtt = options.Mqtt with { SessionExpiry = TimeSpan.Zero, MaxReceivedBytes = PlantFeed.MaxPacketBytes };
        return new PlantFeed(part => new MqttNetLink(mqtt with { ClientId = $"{options.MqttClientId()}-{part}" }, null, clock, log), clock, log);
    }
}
