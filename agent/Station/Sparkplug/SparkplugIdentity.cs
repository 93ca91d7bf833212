namespace MrfAd.Station.Sparkplug;

/// <summary>The identity of the edge node, as it announces it in its birth certificates.</summary>
/// <param name="PrimaryHost">The primary host, whose state the node follows; null where it follows none.</param>
/// <param name="Devices">The names of the cameras.</param>
/// <param name="Version">The version of the agent.</param>
public sealed record SparkplugIdentity(SparkplugTopics Topics, string? PrimaryHost, IReadOnlyList<string> Devices, string Version);
