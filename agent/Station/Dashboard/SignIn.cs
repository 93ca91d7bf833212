using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Dashboard;

/// <summary>Opens a session for a client that shows the token, and ends sessions.</summary>
internal sealed class SignIn(DashboardSessions sessions)
{
    public async Task SignInAsync(HttpContext context)
    {
        try
        {
            var token = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))?["token"]?.GetValue<string>();
            if (sessions.SignIn(token ?? "") is not { } session)
            {
                await JsonResponse.RefuseAsync(
                    context, StatusCodes.Status401Unauthorized, sessions.CanSignIn ? "this is not the station's token" : "this station has no token: dashboard.token_file is not set");
                return;
            }

            context.Response.Cookies.Append(
                DashboardAccess.Cookie, session.Id, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, IsEssential = true });
            await JsonResponse.WriteAsync(context, new JsonObject { ["csrf"] = session.Csrf });
        }
        catch (TooManyTriesException e)
        {
            await JsonResponse.RefuseAsync(context, StatusCodes.Status429TooManyRequests, e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            await JsonResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, """want { "token": "…" }""");
        }
    }

    public Task SignOutAsync(HttpContext context)
    {
        sessions.SignOut(context.Request.Cookies[DashboardAccess.Cookie]);
        context.Response.Cookies.Delete(DashboardAccess.Cookie);
        return Task.CompletedTask;
    }
}
