using MrfAd.Station.Options;

namespace MrfAd.Station.Sparkplug;

/// <summary>The topics of one edge node (specification 3.0, chapter 4).</summary>
public sealed record SparkplugTopics(string Group, string EdgeNode)
{
    /// <summary>Returns the topics of a station's node.</summary>
    public static SparkplugTopics Of(StationOptions options) => new(
        options.Sparkplug.Group.Length > 0 ? options.Sparkplug.Group : $"{options.Site}-{options.Line}",
        options.Sparkplug.EdgeNode.Length > 0 ? options.Sparkplug.EdgeNode : options.Station);

    public string NodeBirth => Node("NBIRTH");

    public string NodeDeath => Node("NDEATH");

    public string NodeCommand => Node("NCMD");

    public string DeviceBirth(string device) => $"{Node("DBIRTH")}/{device}";

    public string DeviceData(string device) => $"{Node("DDATA")}/{device}";

    public static string State(string host) => $"spBv1.0/STATE/{host}";

    private string Node(string kind) => $"spBv1.0/{Group}/{kind}/{EdgeNode}";
}
