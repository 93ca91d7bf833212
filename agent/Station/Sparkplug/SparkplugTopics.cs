namespace MrfAd.Station.Sparkplug;

/// <summary>The topics of one edge node (specification 3.0, chapter 4).</summary>
public sealed record SparkplugTopics(string Group, string EdgeNode)
{
    public string NodeBirth => Node("NBIRTH");

    public string NodeDeath => Node("NDEATH");

    public string NodeCommand => Node("NCMD");

    public string DeviceBirth(string device) => $"{Node("DBIRTH")}/{device}";

    public string DeviceData(string device) => $"{Node("DDATA")}/{device}";

    public static string State(string host) => $"spBv1.0/STATE/{host}";

    private string Node(string kind) => $"spBv1.0/{Group}/{kind}/{EdgeNode}";
}
