using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Station.Collecting;
using MrfAd.Station.Control;
using MrfAd.Station.Keys;
using MrfAd.Station.Options;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// Maps the page and the endpoints that it uses. Reading is open unless the options close it. A command needs a session, which the token opens, and its CSRF
/// token in a header that no other site can send; it is carried out in the same way as commands over MQTT.
/// </summary>
public static class DashboardEndpoints
{
    /// <summary>Maps all endpoints.</summary>
    /// <param name="guard">Compares the tokens that clients show.</param>
    /// <param name="plant">The feed of all stations of the broker; null where there is no page for them.</param>
    /// <param name="results">The endpoints of stored verdicts.</param>
    /// <param name="collections">The cameras and products that have no model yet.</param>
    /// <param name="stopping">Ends the event streams of open pages when the station stops.</param>
    public static void MapDashboard(
        this IEndpointRouteBuilder app, DashboardOptions options, TokenGuard guard, RecentVerdicts recent, StationSnapshot snapshot, CommandDispatcher commands,
        PlantFeed? plant, ResultsEndpoints results, Collections collections, TimeProvider clock, CancellationToken stopping)
    {
        var sessions = new DashboardSessions(clock);
        var access = new DashboardAccess(options, sessions);
        app.MapDashboardFiles(hasPlant: plant is not null);
        var signIn = new SignIn(guard, sessions);
        app.MapPost("/api/sign-in", signIn.SignInAsync);

        var read = app.MapGroup("/api").AddEndpointFilter(access.AllowReadAsync);
        read.MapGet("/station", context => JsonResponse.WriteAsync(context, Station(context)));
        read.MapGet("/events", new StationEvents(recent, snapshot, collections, clock, stopping).SendAsync);
        read.MapVerdicts(recent, snapshot);
        results.MapRead(read);
        if (plant is not null)
            read.MapPlant(plant, stopping);

        var change = app.MapGroup("/api").AddEndpointFilter(access.AllowChangeAsync);
        results.MapChange(change);
        change.MapPost("/sign-out", signIn.SignOutAsync);
        change.MapPost("/commands/{name}", new CommandEndpoint(commands).RunAsync);

        JsonObject Station(HttpContext context)
        {
            var station = snapshot.Write();
            station["can_sign_in"] = guard.HasToken;
            station["plant"] = plant is not null;
            station["csrf"] = access.CsrfOf(context);
            return station;
        }
    }
}
