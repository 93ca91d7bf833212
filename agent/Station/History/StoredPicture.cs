namespace MrfAd.Station.History;

/// <summary>A picture on disk.</summary>
/// <param name="Kind">"frame" or "heatmap".</param>
/// <param name="File">The path below the folder of the pictures.</param>
public sealed record StoredPicture(string Kind, string File, string ContentType);
