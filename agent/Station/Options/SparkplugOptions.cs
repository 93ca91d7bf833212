namespace MrfAd.Station.Options;

/// <summary>The station as an edge node of Sparkplug B, each camera a device of it; beside its own topics, on the same broker.</summary>
public sealed record SparkplugOptions
{
    public bool Enabled { get; init; }

    /// <summary>Empty: the site and the line, "site-line".</summary>
    public string Group { get; init; } = "";

    /// <summary>Empty: the station. Group and edge node together are one station's alone.</summary>
    public string EdgeNode { get; init; } = "";

    /// <summary>Births and data wait until this host application says that it is online; null: they wait for nobody.</summary>
    public string? PrimaryHost { get; init; }
}
