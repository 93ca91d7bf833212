using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Dashboard;

/// <summary>Serves the files of the pages, which are embedded in the program.</summary>
internal static class DashboardFiles
{
    private static readonly string[] Files =
    [
        "dashboard.css", "dom.js", "common.js", "dashboard.js", "collecting.js", "changes.js", "corrections.js", "page.css", "plant.js", "results.css", "results.js", "charts.js", "history.js", "statistics.js", "review.js", "regions.css", "regions.js", "region-editor.js",
    ];

    /// <summary>Maps the files.</summary>
    /// <param name="hasPlant">True where the page of all stations is served as well.</param>
    public static void MapDashboardFiles(this IEndpointRouteBuilder app, bool hasPlant)
    {
        app.MapGet("/", context => SendFileAsync(context, "dashboard.html"));
        foreach (var page in (string[])["history", "statistics", "review", "regions"])
            app.MapGet("/" + page, context => SendFileAsync(context, page + ".html"));
        if (hasPlant)
            app.MapGet("/plant", context => SendFileAsync(context, "plant.html"));
        foreach (var file in Files)
            app.MapGet("/" + file, context => SendFileAsync(context, file));
        var legend = PagePicture.Legend();
        app.MapGet("/legend.png", context => SendAsync(context, legend, "image/png"));
    }

    /// <summary>Answers with bytes that never change.</summary>
    public static Task SendAsync(HttpContext context, byte[] bytes, string type)
    {
        SetHeaders(context.Response, type);
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>Answers with a file on disk that never changes.</summary>
    public static Task SendAsync(HttpContext context, string path, string type)
    {
        SetHeaders(context.Response, type);
        return context.Response.SendFileAsync(path, context.RequestAborted);
    }

    private static void SetHeaders(HttpResponse response, string type)
    {
        response.ContentType = type;
        response.Headers.CacheControl = "private, max-age=86400, immutable";
    }

    private static Task SendFileAsync(HttpContext context, string file) => PageFiles.SendAsync(context, file, typeof(DashboardFiles).Assembly);
}
