namespace MrfAd.Station.Dashboard;

/// <summary>A picture that a page may fetch.</summary>
/// <param name="Number">Its own for as long as the agent runs.</param>
/// <param name="Type">"image/png" or "image/jpeg".</param>
public sealed record PlantPicture(long Number, ReadOnlyMemory<byte> Bytes, string Type);
