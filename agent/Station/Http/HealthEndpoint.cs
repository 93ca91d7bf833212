using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Http;

public static class HealthEndpoint
{
    /// <summary>Serves <c>GET /healthz</c>: the station's state message, with 200 while it is Ready or Running and 503 otherwise.</summary>
    public static IEndpointConventionBuilder MapHealth(this IEndpointRouteBuilder app, StationHealth health, StationMessages messages) =>
        app.MapGet("/healthz", async context =>
        {
            var now = health.Current;
            var message = messages.State(now);
            context.Response.StatusCode = now.IsWell ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
            context.Response.ContentType = message.ContentType;
            await context.Response.BodyWriter.WriteAsync(message.Payload, context.RequestAborted);
        });
}
