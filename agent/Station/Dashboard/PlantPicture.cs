namespace MrfAd.Station.Dashboard;

/// <summary>A picture that a page can fetch.</summary>
/// <param name="Number">The number of the picture, unique until the agent restarts.</param>
/// <param name="Type">The media type, "image/png" or "image/jpeg".</param>
public sealed record PlantPicture(long Number, ReadOnlyMemory<byte> Bytes, string Type);
