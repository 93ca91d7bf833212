using MrfAd.Engine.Masks;

namespace MrfAd.Station.Inspection;

/// <summary>The regions that were drawn for a camera and a product.</summary>
/// <param name="ReferenceSha256">SHA-256 of the bank's reference that they lie on; null where frames are not aligned.</param>
public sealed record RegionSetting(PartRegions Regions, string? ReferenceSha256);
