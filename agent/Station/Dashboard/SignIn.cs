using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using MrfAd.Station.Http;
using MrfAd.Station.Keys;

namespace MrfAd.Station.Dashboard;

/// <summary>Opens a session for a client that shows the token, and ends sessions.</summary>
internal sealed class SignIn(TokenGuard guard, DashboardSessions sessions)
{
    // A token with its JSON; nobody has shown a token yet, so nothing larger is read.
    private const int MaxBodyBytes = 4096;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Strict) { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public async Task SignInAsync(HttpContext context)
    {
        if (!guard.HasToken)
        {
            await RequestBody.DiscardAsync(context);
            await JsonResponse.RefuseAsync(context, StatusCodes.Status401Unauthorized, "this station has no token: dashboard.token_file is not set");
            return;
        }

        if (context.Request.ContentLength > MaxBodyBytes)
        {
            await RequestBody.DiscardAsync(context);
            await JsonResponse.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"want at most {MaxBodyBytes} bytes, got {context.Request.ContentLength}");
            return;
        }

        try
        {
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaxBodyBytes;
            var body = await JsonSerializer.DeserializeAsync<Body>(context.Request.Body, Json, context.RequestAborted);
            if (!await guard.AcceptsAsync(body?.Token ?? "", context.Connection.RemoteIpAddress, context.RequestAborted))
            {
                await JsonResponse.RefuseAsync(context, StatusCodes.Status401Unauthorized, "this is not the station's token");
                return;
            }

            var session = sessions.Open();
            context.Response.Cookies.Append(
                DashboardAccess.Cookie, session.Id, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = context.Request.IsHttps, IsEssential = true });
            await JsonResponse.WriteAsync(context, new JsonObject { ["csrf"] = session.Csrf });
        }
        catch (TooManyTriesException e)
        {
            context.Response.Headers.RetryAfter = "60";
            await JsonResponse.RefuseAsync(context, StatusCodes.Status429TooManyRequests, e.Message);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await JsonResponse.RefuseAsync(context, e.StatusCode, $"want at most {MaxBodyBytes} bytes");
        }
        catch (JsonException)
        {
            await JsonResponse.RefuseAsync(context, StatusCodes.Status400BadRequest, """want { "token": "…" }""");
        }
    }

    public Task SignOutAsync(HttpContext context)
    {
        sessions.Close(context.Request.Cookies[DashboardAccess.Cookie]);
        context.Response.Cookies.Delete(DashboardAccess.Cookie);
        return Task.CompletedTask;
    }

    private sealed record Body(string Token);
}
