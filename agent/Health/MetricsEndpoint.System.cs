using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MrfAd.Agent.Health;

public static class MetricsEndpoint
{
    /// <summary>The side this was built with, for mrfad_build_info.</summary>
    public const string DependencySource = "system";

    /// <summary>Serves <c>GET /metrics</c>, in OpenMetrics where that is accepted, of the <see cref="MrfAdMeter"/> among the services. Call before anything is measured: what came earlier is not seen.</summary>
    public static IEndpointConventionBuilder MapMrfAdMetrics(this IEndpointRouteBuilder app)
    {
        var metrics = new PrometheusText(app.ServiceProvider.GetRequiredService<MrfAdMeter>().Meter, app.ServiceProvider.GetService<TimeProvider>() ?? TimeProvider.System);
        app.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(metrics.Dispose);
        return app.MapGet("/metrics", (HttpRequest request) =>
        {
            var open = request.Headers.Accept.Any(accepted => accepted!.Contains("application/openmetrics-text", StringComparison.Ordinal));
            return Results.Text(metrics.Write(open), open ? PrometheusText.OpenMetricsType : PrometheusText.ContentType);
        });
    }
}
