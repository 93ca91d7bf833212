namespace MrfAd.Station.Sparkplug;

/// <summary>What the edge node is called and says of itself in its births.</summary>
/// <param name="PrimaryHost">The host whose state the node follows; null: it follows none.</param>
/// <param name="Devices">The names of the cameras.</param>
/// <param name="Version">Of the agent.</param>
public sealed record SparkplugIdentity(SparkplugTopics Topics, string? PrimaryHost, IReadOnlyList<string> Devices, string Version);
