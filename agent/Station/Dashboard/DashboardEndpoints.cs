using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Station.Control;
using MrfAd.Station.Options;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// The page and what it asks for. Looking is open unless the options close it; a command wants a session (the token was shown), its second value
/// in a header that no other site can send, and goes the way of MQTT's commands.
/// </summary>
public static class DashboardEndpoints
{
    /// <param name="plant">All stations of the broker; null: there is no such page.</param>
    /// <param name="stopping">Ends what pages listen to: the station does not wait for them.</param>
    public static void MapDashboard(
        this IEndpointRouteBuilder app, DashboardOptions options, DashboardSessions sessions, RecentVerdicts recent, StationSnapshot facts, CommandDispatcher desk,
        PlantFeed? plant, TimeProvider clock, CancellationToken stopping)
    {
        var access = new DashboardAccess(options, sessions);
        app.MapDashboardFiles(hasPlant: plant is not null);
        var signIn = new SignIn(sessions);
        app.MapPost("/api/sign-in", signIn.SignInAsync);

        var read = app.MapGroup("/api").AddEndpointFilter(access.AllowReadAsync);
        read.MapGet("/station", context => JsonResponse.WriteAsync(context, Station(context)));
        read.MapGet("/events", new StationEvents(recent, facts, clock, stopping).SendAsync);
        read.MapVerdicts(recent, facts);
        if (plant is not null)
            read.MapPlant(plant, stopping);

        var change = app.MapGroup("/api").AddEndpointFilter(access.AllowChangeAsync);
        change.MapPost("/sign-out", signIn.SignOutAsync);
        change.MapPost("/commands/{name}", new CommandEndpoint(desk).RunAsync);

        JsonObject Station(HttpContext context)
        {
            var station = facts.Write();
            station["can_sign_in"] = sessions.CanSignIn;
            station["plant"] = plant is not null;
            station["csrf"] = access.CsrfOf(context);
            return station;
        }
    }
}
