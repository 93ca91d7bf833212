using System.Text.Json;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Station.Dashboard;

/// <summary>A verdict as the page shows it.</summary>
/// <param name="Frame">JPEG, small; null where there is none, or it was not kept.</param>
/// <param name="Heatmap">PNG of the same size; null as above.</param>
/// <param name="Explanation">For an NG part: the normal patches that came nearest to its hottest spots.</param>
public sealed record RecentVerdict(VerdictMessage Message, byte[]? Frame, byte[]? Heatmap, IReadOnlyList<HotSpot> Explanation)
{
    /// <returns>The message, and what there is beside it, as the page reads it.</returns>
    public JsonNode ToJson()
    {
        var json = JsonSerializer.SerializeToNode(Message, MessageJson.Default.VerdictMessage)!;
        json["has_frame"] = Frame is not null;
        json["has_heatmap"] = Heatmap is not null;
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
