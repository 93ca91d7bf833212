using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Http;

/// <summary>
/// Refuses requests that call this station by a name that is not its own. A page of another site can make its own name resolve to this machine's address
/// (DNS rebinding) and would then count as this station's page; an address, localhost and the names that are configured cannot be taken over so.
/// </summary>
public static class HostNames
{
    // Read by monitoring under whatever name its configuration has; they hold no pictures and change nothing.
    private static readonly PathString[] Open = ["/metrics", "/healthz"];

    /// <summary>Checks the header Host of every request but those for metrics and health.</summary>
    /// <param name="configured">The names by which the station is called beside its addresses and its host name.</param>
    public static void UseHostNames(this IApplicationBuilder app, IReadOnlyList<string> configured)
    {
        HashSet<string> own = new([.. configured, "localhost", Dns.GetHostName(), $"{Dns.GetHostName()}.local"], StringComparer.OrdinalIgnoreCase);
        app.Use(async (context, next) =>
        {
            var host = context.Request.Host.Host;
            // A request of HTTP/1.0 may name no host; a browser always names one.
            if (host.Length == 0 || IPAddress.TryParse(host, out _) || own.Contains(host) || Open.Contains(context.Request.Path))
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                $"'{Escaped(host)}' is not a name of this station: call it by its address, or add the name to http.hosts\n", context.RequestAborted);
        });
    }

    private static string Escaped(string host) => Uri.EscapeDataString(host);
}
