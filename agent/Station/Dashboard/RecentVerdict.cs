using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.History;

namespace MrfAd.Station.Dashboard;

/// <summary>A verdict with the pictures that the page shows.</summary>
/// <param name="Message">The published message of the verdict.</param>
/// <param name="Pictures">The pictures in memory; null where there are none, or they were not kept.</param>
/// <param name="Explanation">The hottest spots of an NG part with the normal patches nearest to them; empty for other parts.</param>
public sealed record RecentVerdict(VerdictMessage Message, PreviewPictures? Pictures, IReadOnlyList<HotSpot> Explanation)
{
    /// <summary>Finds a picture of an earlier run on disk by its kind, "frame" or "heatmap"; null where the verdict is of this run.</summary>
    public Func<string, (string Path, string ContentType)?>? OnDisk { get; init; }

    /// <returns>The JSON that the page reads: the message, whether there are pictures, and the explanation.</returns>
    public JsonNode ToJson()
    {
        var json = JsonSerializer.SerializeToNode(Message, MessageJson.Default.VerdictMessage)!;
        json["has_frame"] = Pictures?.Frame is not null || OnDisk?.Invoke(KeptPictures.Frame) is not null;
        json["has_heatmap"] = Pictures?.Heatmap is not null || OnDisk?.Invoke(KeptPictures.Heatmap) is not null;
        json["explanation"] = new JsonArray([.. Explanation.Select(spot => (JsonNode)new JsonObject
        {
            ["x_px"] = spot.X,
            ["y_px"] = spot.Y,
            ["score"] = spot.Score,
            ["image"] = spot.Nearest.Count > 0 ? Path.GetFileName(spot.Nearest[0].Image) : null,
            ["branch"] = spot.Nearest.Count > 0 ? spot.Nearest[0].Branch : null,
            ["distance"] = spot.Nearest.Count > 0 ? spot.Nearest[0].Distance : null,
        })]);
        return json;
    }
}
