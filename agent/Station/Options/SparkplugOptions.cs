namespace MrfAd.Station.Options;

/// <summary>The options of Sparkplug B: the station is an edge node and each camera a device of it, on the same broker and beside its own topics.</summary>
public sealed record SparkplugOptions
{
    /// <summary>Runs the edge node.</summary>
    public bool Enabled { get; init; }

    /// <summary>The group id; empty means the site and the line, "site-line".</summary>
    public string Group { get; init; } = "";

    /// <summary>The edge node id; empty means the station. The pair of group and edge node must be unique.</summary>
    public string EdgeNode { get; init; } = "";

    /// <summary>The primary host application: births and data wait until it says that it is online. With null they wait for nobody.</summary>
    public string? PrimaryHost { get; init; }
}
