using System.Reflection;
using Microsoft.AspNetCore.Http;

namespace MrfAd.Station.Pages;

/// <summary>Serves the files of pages, which are embedded in the program.</summary>
public static class PageFiles
{
    /// <summary>Answers with a file of a page.</summary>
    /// <param name="file">The name of the file as it is embedded.</param>
    /// <param name="assembly">The assembly that holds it.</param>
    public static async Task SendAsync(HttpContext context, string file, Assembly assembly)
    {
        var response = context.Response;
        response.ContentType = Path.GetExtension(file) switch { ".css" => "text/css", ".js" => "text/javascript", _ => "text/html" } + "; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers.ContentSecurityPolicy =
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        response.Headers.XContentTypeOptions = "nosniff";
        await using var content = assembly.GetManifestResourceStream(file)!;
        await content.CopyToAsync(response.Body, context.RequestAborted);
    }
}
