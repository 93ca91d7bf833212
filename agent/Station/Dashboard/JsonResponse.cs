using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Dashboard;

/// <summary>Writes JSON responses that are not cached.</summary>
internal static class JsonResponse
{
    public static Task WriteAsync(HttpContext context, JsonNode json)
    {
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(json.ToJsonString(), context.RequestAborted);
    }

    /// <summary>Answers <c>{ "error": why }</c>.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new JsonObject { ["error"] = why });
    }
}
