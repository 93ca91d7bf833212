namespace MrfAd.Station.Dashboard;

/// <summary>Where in the plant a message belongs.</summary>
/// <param name="Station">"site/line/station".</param>
/// <param name="Camera">Null: it is the station's own.</param>
/// <param name="Kind">"status", "state" or "bank"; of a camera "verdict", "bank", "heatmap" or "frame".</param>
public readonly record struct PlantTopic(string Station, string? Camera, string Kind)
{
    private const string Prefix = "mrfad/v1/";

    // A name may have 200 characters (StationTopics.MaxNameLength); no station sends more.
    private const int LongestTopic = 1000;

    /// <summary>Filters for all that a page shows but pictures.</summary>
    public static IReadOnlyList<string> Facts { get; } =
        [.. ((string[])["status", "state", "bank", "+/verdict", "+/bank"]).Select(kind => $"{Prefix}+/+/+/{kind}")];

    /// <summary>Filters for the pictures of all cameras.</summary>
    public static IReadOnlyList<string> Pictures { get; } = [$"{Prefix}+/+/+/+/heatmap", $"{Prefix}+/+/+/+/frame"];

    public bool IsPicture => Kind is "heatmap" or "frame";

    /// <summary>As pages are told: "site/line/station/camera/verdict".</summary>
    public string Path => Camera is null ? $"{Station}/{Kind}" : $"{Station}/{Camera}/{Kind}";

    /// <returns>Null where it is none of a station's that a page shows.</returns>
    public static PlantTopic? Parse(string topic)
    {
        if (topic.Length > LongestTopic || !topic.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var levels = topic[Prefix.Length..].Split('/');
        if (levels.Contains(""))
            return null;
        return levels switch
        {
            [var site, var line, var station, "status" or "state" or "bank"] => new PlantTopic($"{site}/{line}/{station}", null, levels[3]),
            // Commands have the topic that a camera of that name would have.
            [_, _, _, "cmd", _] => null,
            [var site, var line, var station, var camera, "verdict" or "bank" or "heatmap" or "frame"] => new PlantTopic($"{site}/{line}/{station}", camera, levels[4]),
            _ => null,
        };
    }
}
