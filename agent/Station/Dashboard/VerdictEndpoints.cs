using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.History;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps the endpoints of recent verdicts, their scores and their pictures.</summary>
internal static class VerdictEndpoints
{
    private const int DefaultLimit = 50, MaxLimit = 1000;

    public static void MapVerdicts(this IEndpointRouteBuilder app, RecentVerdicts recent, StationSnapshot snapshot)
    {
        app.MapGet("/verdicts", context => JsonResponse.WriteAsync(context, Verdicts(recent, context.Request.Query)));
        app.MapGet("/scores", context => JsonResponse.WriteAsync(context, Scores(ScoresOf(context.Request.Query))));
        app.MapGet("/rate", context => JsonResponse.WriteAsync(context, Rate(ScoresOf(context.Request.Query), context.Request.Query)));
        app.MapGet("/pictures/{id:guid}/{kind}", context => SendPictureAsync(context, recent));

        IReadOnlyList<ScorePoint> ScoresOf(IQueryCollection query) => recent.Scores(CameraOf(query, snapshot), query["product"].ToString() is { Length: > 0 } product ? product : null);
    }

    private static JsonArray Verdicts(RecentVerdicts recent, IQueryCollection query)
    {
        Verdict? verdict = query["verdict"].ToString() is { Length: > 0 } wanted
            ? Enum.TryParse<Verdict>(wanted, ignoreCase: true, out var known) && Enum.IsDefined(known) ? known : throw new BadHttpRequestException($"verdict: want OK, NG, INVALID, TIMEOUT or COLLECTING, got '{wanted}'")
            : null;
        var max = query["limit"].ToString() is { Length: > 0 } limit
            ? int.TryParse(limit, CultureInfo.InvariantCulture, out var n) && n is > 0 and <= MaxLimit ? n : throw new BadHttpRequestException($"limit: want 1 to {MaxLimit}, got '{limit}'")
            : DefaultLimit;
        return [.. recent.Find(query["camera"].ToString() is { Length: > 0 } camera ? camera : null, verdict, max).Select(v => v.ToJson())];
    }

    private static JsonObject Scores(IReadOnlyList<ScorePoint> scores) => new()
    {
        ["at"] = new JsonArray([.. scores.Select(s => (JsonNode)s.At.ToUnixTimeMilliseconds())]),
        ["score"] = new JsonArray([.. scores.Select(s => (JsonNode)MathF.Round(s.Score, 4))]),
        ["ng"] = new JsonArray([.. scores.Select(s => (JsonNode)s.IsNg)]),
    };

    /// <summary>Counts the scores that a threshold would call NG, with the confidence interval of their share.</summary>
    private static JsonObject Rate(IReadOnlyList<ScorePoint> scores, IQueryCollection query)
    {
        if (!float.TryParse(query["threshold"], CultureInfo.InvariantCulture, out var threshold) || !float.IsFinite(threshold))
            throw new BadHttpRequestException($"threshold: want a number, got '{query["threshold"]}'");
        var above = scores.Count(s => s.Score >= threshold);
        var (low, high) = FalseAlarmRate.Interval(above, scores.Count);
        return new JsonObject { ["above"] = above, ["of"] = scores.Count, ["low"] = scores.Count == 0 ? 0 : low, ["high"] = scores.Count == 0 ? 1 : high };
    }

    private static string CameraOf(IQueryCollection query, StationSnapshot snapshot) => query["camera"].ToString() is { Length: > 0 } camera && snapshot.Cameras.Contains(camera)
        ? camera
        : throw new BadHttpRequestException($"camera: want one of {string.Join(", ", snapshot.Cameras)}, got '{query["camera"]}'");

    private static Task SendPictureAsync(HttpContext context, RecentVerdicts recent)
    {
        var (found, kind) = (recent.Find(Guid.Parse((string)context.Request.RouteValues["id"]!)), (string)context.Request.RouteValues["kind"]!);
        var (bytes, type) = kind switch
        {
            KeptPictures.Frame => (found?.Pictures?.Frame, "image/jpeg"),
            KeptPictures.Heatmap => (found?.Pictures?.Heatmap, "image/png"),
            _ => (null, ""),
        };
        if (bytes is not null)
            return DashboardFiles.SendAsync(context, bytes, type);
        return type.Length > 0 && found?.OnDisk?.Invoke(kind) is { } file
            ? DashboardFiles.SendAsync(context, file.Path, file.ContentType)
            : JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such picture, or no longer");
    }
}
