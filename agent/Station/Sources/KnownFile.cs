namespace MrfAd.Station.Sources;

/// <summary>A file that was seen in a watched folder.</summary>
/// <param name="Version">The version that was seen last.</param>
/// <param name="Pixels">The checksum of the picture that was delivered as a frame; null where none was.</param>
/// <param name="IsPending">True where this version is still to be read.</param>
public sealed record KnownFile(FileVersion Version, uint? Pixels = null, bool IsPending = false);
