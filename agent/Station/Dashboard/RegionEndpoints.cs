using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Inspection;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps what the page of the regions reads; it changes them by the command <c>regions</c>.</summary>
public sealed class RegionEndpoints(IReadOnlyList<Camera> cameras, Detectors detectors, StationRegions regions, Thresholds thresholds, RecentFrames recent)
{
    // Longer sides of the picture to draw over; corners are set to a fraction of its pixels.
    private const int PictureSide = 1600;

    // Frames that are tried where the part of the newest cannot be aligned.
    private const int MaxTried = 5;

    public void MapRead(IEndpointRouteBuilder read)
    {
        read.MapGet("/regions", context => JsonResponse.WriteAsync(context, Regions(context)));
        read.MapGet("/regions/file", SendFileAsync);
        read.MapGet("/regions/picture", SendPictureAsync);
    }

    private JsonObject Regions(HttpContext context)
    {
        var (camera, product) = Chosen(context);
        var (name, info) = (camera.Options.Name, detectors.Of(camera.Options.Name, product).Info);
        var setting = regions.Find(name, product);
        var misfit = setting is null || info is null ? null : StationRegions.Misfit(setting, info);
        var used = misfit is null ? setting?.Regions ?? info?.Regions : info?.Regions;
        return new JsonObject
        {
            ["camera"] = name,
            ["product"] = product,
            ["width_px"] = info?.Learned is { IsMixed: false } learned ? learned.Width : null,
            ["height_px"] = info?.Learned is { IsMixed: false } size ? size.Height : null,
            ["threshold"] = info is null ? null : thresholds.InForce(camera.OptionsOf(product), product, info),
            ["reference"] = info?.Reference?.Image,
            ["source"] = used is null ? null : used == setting?.Regions ? "station" : "bank",
            ["misfit"] = misfit,
            ["sha256"] = used?.Sha256,
            ["regions"] = used is null ? null : JsonNode.Parse(used.ToJson()),
            ["bank_has_regions"] = info?.Regions is not null,
            ["pictures"] = new JsonArray([.. Pictures(name, product, info).Select(p => (JsonNode)p)]),
        };
    }

    /// <summary>Answers with the regions in force as the file that <c>mrfad learn --regions</c> takes.</summary>
    private Task SendFileAsync(HttpContext context)
    {
        var (camera, product) = Chosen(context);
        var info = detectors.Of(camera.Options.Name, product).Info;
        var used = (info is null ? null : regions.InForce(camera.Options.Name, product, info)) ?? info?.Regions;
        if (used is null)
            return JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there are no regions");
        context.Response.Headers.ContentDisposition = "attachment; filename=\"regions.json\"";
        return JsonResponse.WriteAsync(context, JsonNode.Parse(used.ToJson())!);
    }

    private async Task SendPictureAsync(HttpContext context)
    {
        var (camera, product) = Chosen(context);
        var (name, kind) = (camera.Options.Name, context.Request.Query["of"].ToString());
        if (kind is not ("good" or "last" or "reference"))
            throw new BadHttpRequestException($"of: want good, last or reference, got '{kind}'");
        var picture = kind == "reference" ? detectors.Of(name, product).Info?.Reference?.Png : await Task.Run(() => Picture(name, product, kind == "good"), context.RequestAborted);
        if (picture is null)
        {
            await JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such picture, or no longer");
            return;
        }

        context.Response.ContentType = kind == "reference" ? "image/png" : "image/jpeg";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(picture, context.RequestAborted);
    }

    private (Camera Camera, string? Product) Chosen(HttpContext context)
    {
        var (name, product) = (context.Request.Query["camera"].ToString(), context.Request.Query["product"].ToString());
        var camera = cameras.FirstOrDefault(c => name.Length == 0 || c.Options.Name == name)
            ?? throw new BadHttpRequestException($"camera: want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{name}'");
        if (product.Length == 0)
            return (camera, camera.Products?.Of(camera.Options.Name));
        return camera.Products?.Names.Contains(product) == true ? (camera, product) : throw new BadHttpRequestException($"product: there is none of the name '{product}'");
    }

    private List<string> Pictures(string camera, string? product, InspectorInfo? info)
    {
        var frames = recent.Last(int.MaxValue, [camera], product);
        List<string> pictures = [];
        if (frames.Any(f => f.Verdict == Verdict.Ok))
            pictures.Add("good");
        if (frames.Count > 0)
            pictures.Add("last");
        if (info?.Reference is not null)
            pictures.Add("reference");
        return pictures;
    }

    /// <returns>The newest frame, upright where the bank aligns parts, as a JPEG file; null where there is none.</returns>
    private byte[]? Picture(string camera, string? product, bool isGood)
    {
        var detector = detectors.Of(camera, product);
        foreach (var frame in recent.Last(int.MaxValue, [camera], product).Where(f => !isGood || f.Verdict == Verdict.Ok).Take(MaxTried))
        {
            using var image = recent.Copy(frame.VerdictId);
            if (image is null)
                continue;
            try
            {
                using var upright = detector is { IsLoaded: true, Info.Reference: not null } ? detector.Judge(inspector => inspector.Upright(image)) : null;
                if (upright is not null || detector.Info?.Reference is null)
                    return PagePicture.Jpeg(upright ?? image, PictureSide);
            }
            catch (ImageMismatchException)
            {
                // Its part cannot be aligned, or the bank has changed: an older frame may do.
            }
        }

        return null;
    }
}
