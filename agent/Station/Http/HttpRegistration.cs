using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Station.Capture;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Triggers;

namespace MrfAd.Station.Http;

public static class HttpRegistration
{
    /// <summary>Serves metrics, health, and the inspection of images sent over HTTP.</summary>
    public static void MapHttp(this WebApplication app, HttpOptions options)
    {
        var services = app.Services;
        app.UseHostNames(options.Hosts);
        app.MapMrfAdMetrics();
        app.MapInspect(
            services.GetRequiredService<IReadOnlyList<Camera>>(), services.GetRequiredService<TriggerService>(), services.GetRequiredService<VerdictEvents>(), options.MaxUploadMb,
            services.GetRequiredService<MemoryBudget>(), TokenGuard.Open(services, options.TokenFile, "inspect"));
        app.MapHealth(services.GetRequiredService<StationHealth>(), services.GetRequiredService<StationMessages>());
    }
}
