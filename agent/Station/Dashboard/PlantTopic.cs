namespace MrfAd.Station.Dashboard;

/// <summary>The topic of a message, parsed: a station, possibly a camera of it, and the kind of message.</summary>
/// <param name="Station">The station as "site/line/station".</param>
/// <param name="Camera">The camera; null for a message of the station itself.</param>
/// <param name="Kind">The kind of message: "status", "state" or "bank" of a station, and "verdict", "bank", "heatmap" or "frame" of a camera.</param>
public readonly record struct PlantTopic(string Station, string? Camera, string Kind)
{
    private const string Prefix = "mrfad/v1/";

    // A name may have 200 characters (StationTopics.MaxNameLength); no station sends more.
    private const int MaxTopicLength = 1000;

    /// <summary>The topic filters of all messages that a page shows, except pictures.</summary>
    public static IReadOnlyList<string> MessageFilters { get; } =
        [.. ((string[])["status", "state", "bank", "+/verdict", "+/bank"]).Select(kind => $"{Prefix}+/+/+/{kind}")];

    /// <summary>The topic filters of the pictures of all cameras.</summary>
    public static IReadOnlyList<string> PictureFilters { get; } = [$"{Prefix}+/+/+/+/heatmap", $"{Prefix}+/+/+/+/frame"];

    /// <summary>Returns true for a topic of pictures.</summary>
    public bool IsPicture => Kind is "heatmap" or "frame";

    /// <summary>The topic as pages know it, without the prefix: "site/line/station/camera/verdict".</summary>
    public string Path => Camera is null ? $"{Station}/{Kind}" : $"{Station}/{Camera}/{Kind}";

    /// <returns>The parsed topic; null where a page shows no messages of it.</returns>
    public static PlantTopic? Parse(string topic)
    {
        if (topic.Length > MaxTopicLength || !topic.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var levels = topic[Prefix.Length..].Split('/');
        if (levels.Contains(""))
            return null;
        return levels switch
        {
            [var site, var line, var station, "status" or "state" or "bank"] => new PlantTopic($"{site}/{line}/{station}", null, levels[3]),
            // The topics of commands look like those of a camera with the name "cmd", which does not exist.
            [_, _, _, "cmd", _] => null,
            [var site, var line, var station, var camera, "verdict" or "bank" or "heatmap" or "frame"] => new PlantTopic($"{site}/{line}/{station}", camera, levels[4]),
            _ => null,
        };
    }
}
