using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace MrfAd.Agent.Health;

public static class MetricsEndpoint
{
    /// <summary>The side this was built with, for mrfad_build_info.</summary>
    public const string DependencySource = "system";

    /// <summary>Serves <c>GET /metrics</c> of the <see cref="MrfAdMeter"/> among the services. Call before anything is measured: what came earlier is not seen.</summary>
    public static IEndpointConventionBuilder MapMrfAdMetrics(this IEndpointRouteBuilder app) => throw new NotImplementedException();
}
