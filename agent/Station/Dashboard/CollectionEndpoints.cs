using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Collecting;
using MrfAd.Station.Pages;

namespace MrfAd.Station.Dashboard;

/// <summary>Maps what the page shows of a camera or product that has no model yet; it changes that by the command <c>collect</c>.</summary>
internal sealed class CollectionEndpoints(Collections collections, IReadOnlyList<Camera> cameras)
{
    // In px: a thumbnail on a sharp screen.
    private const int Side = 320;

    // More good parts than anybody looks through at once, and as many others as a person may still want to call good.
    private const int MaxGood = 500, MaxOthers = 24;

    public void MapRead(IEndpointRouteBuilder read)
    {
        read.MapGet("/collection", context => JsonResponse.WriteAsync(context, Collection(context)));
        read.MapGet("/collection/{id:guid}", SendPictureAsync);
    }

    private JsonNode Collection(HttpContext context)
    {
        var (name, wanted) = (context.Request.Query["camera"].ToString(), context.Request.Query["product"].ToString());
        var camera = cameras.FirstOrDefault(c => name.Length == 0 || c.Options.Name == name)
            ?? throw new BadHttpRequestException($"camera: want one of {string.Join(", ", cameras.Select(c => c.Options.Name))}, got '{name}'");
        var product = wanted.Length == 0 ? camera.Products?.Of(camera.Options.Name) : wanted;
        if (collections.Of(camera.Options.Name, product) is not { } model || collections.Frames is not { } frames)
            return new JsonObject { ["camera"] = camera.Options.Name, ["product"] = product, ["collecting"] = false };
        var collection = JsonSerializer.SerializeToNode(collections.Describe(model, camera.Options.Name), MessageJson.Default.CollectResult)!;
        var all = frames.Of(camera.Options.Name, product).Reverse().ToList();
        collection["collecting"] = model.Bank.Detector.IsCollecting;
        collection["learning"] = model.Progress is not { } now ? null : new JsonObject { ["stage"] = now.Stage, ["done"] = now.Done, ["total"] = now.Total, ["parts"] = now.Parts };
        collection["frames"] = new JsonArray([.. all.Where(f => f.IsGood).Take(MaxGood).Concat(all.Where(f => !f.IsGood).Take(MaxOthers))
            .Select(f => (JsonNode)new JsonObject { ["id"] = f.Id, ["good"] = f.IsGood, ["fault"] = f.Fault })]);
        return collection;
    }

    private async Task SendPictureAsync(HttpContext context)
    {
        var id = Guid.Parse((string)context.Request.RouteValues["id"]!);
        if (await Task.Run(() => Picture(id), context.RequestAborted) is { } picture)
            await DashboardFiles.SendAsync(context, picture, "image/jpeg");
        else
            await JsonResponse.RefuseAsync(context, StatusCodes.Status404NotFound, "there is no such picture, or no longer");
    }

    /// <returns>A JPEG file; null where the frame is not kept, or somebody has moved or damaged its file.</returns>
    private byte[]? Picture(Guid id)
    {
        try
        {
            if (collections.Frames?.Find(id) is not { } frame)
                return null;
            using var image = ImageCodec.Read(collections.Frames.PathOf(frame));
            return PagePicture.Jpeg(image, Side);
        }
        catch (Exception e) when (e is IOException or ImageFormatException)
        {
            return null;
        }
    }
}
