using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MrfAd.Station.Runtime;
using Prometheus;

namespace MrfAd.Station.Http;

public static class MetricsEndpoint
{
    /// <summary>Serves the registered <see cref="MrfAdMeter"/> at <c>GET /metrics</c>. To be called before anything is measured, as earlier measurements are lost.</summary>
    public static IEndpointConventionBuilder MapMrfAdMetrics(this IEndpointRouteBuilder app)
    {
        var metrics = new PrometheusNet(app.ServiceProvider.GetRequiredService<MrfAdMeter>().Meter);
        app.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(metrics.Dispose);
        return app.MapMetrics("/metrics", metrics.Registry);
    }
}
