namespace MrfAd.Station.Dashboard;

/// <summary>A server-sent event of the page of all stations, encoded once for all pages.</summary>
/// <param name="Name">The name of the event: "fact", "picture", "link" or "lost".</param>
/// <param name="Data">The data as JSON in UTF-8, on one line.</param>
public sealed record PlantEvent(string Name, byte[] Data);
