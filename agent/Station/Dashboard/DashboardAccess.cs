using Microsoft.AspNetCore.Http;
using MrfAd.Station.Options;

namespace MrfAd.Station.Dashboard;

/// <summary>Endpoint filters for the right to read and the right to change; other requests are answered with a status and a sentence.</summary>
internal sealed class DashboardAccess(DashboardOptions options, DashboardSessions sessions)
{
    /// <summary>The cookie that holds a session's id.</summary>
    public const string Cookie = "mrfad_session";

    /// <returns>The CSRF token of the request's session; null where it has no session.</returns>
    public string? CsrfOf(HttpContext context) => sessions.CsrfOf(context.Request.Cookies[Cookie]);

    /// <summary>Allows all requests or, where the options close the station, those with a session.</summary>
    public async ValueTask<object?> AllowReadAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        if (options.Closed && CsrfOf(call.HttpContext) is null)
            return await RefuseAsync(call.HttpContext, StatusCodes.Status401Unauthorized, "this station shows itself only to who has its token");
        return await AnswerAsync(call, next);
    }

    /// <summary>Allows requests with a session and its CSRF token, which no other site can send.</summary>
    public async ValueTask<object?> AllowChangeAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        if (CsrfOf(context) is not { } csrf)
        {
            return await RefuseAsync(
                context, StatusCodes.Status401Unauthorized, options.TokenFile is not null ? "sign in with the token first" : "nothing can be changed here: dashboard.token_file is not set");
        }

        if (context.Request.Headers["X-Csrf-Token"] != csrf)
            return await RefuseAsync(context, StatusCodes.Status403Forbidden, "want the session's X-Csrf-Token");
        return await AnswerAsync(call, next);
    }

    private static async ValueTask<object?> AnswerAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (BadHttpRequestException e)
        {
            return await RefuseAsync(call.HttpContext, e.StatusCode, e.Message);
        }
    }

    private static async ValueTask<object?> RefuseAsync(HttpContext context, int status, string why)
    {
        await JsonResponse.RefuseAsync(context, status, why);
        return TypedResults.Empty;
    }
}
