using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MrfAd.Station.Runtime;
using Prometheus;

namespace MrfAd.Station.Http;

public static class MetricsEndpoint
{
    /// <summary>Serves <c>GET /metrics</c> of the <see cref="MrfAdMeter"/> among the services. Call before anything is measured: what came earlier is not seen.</summary>
    public static IEndpointConventionBuilder MapMrfAdMetrics(this IEndpointRouteBuilder app)
    {
        var metrics = new PrometheusNet(app.ServiceProvider.GetRequiredService<MrfAdMeter>().Meter);
        app.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(metrics.Dispose);
        return app.MapMetrics("/metrics", metrics.Registry);
    }
}
