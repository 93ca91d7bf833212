namespace MrfAd.Station.Dashboard;

/// <summary>One server-sent event for the page of all stations; written once, whoever watches.</summary>
/// <param name="Name">"fact", "picture", "link" or "lost".</param>
/// <param name="Data">JSON in UTF-8, on one line.</param>
public sealed record PlantEvent(string Name, byte[] Data);
