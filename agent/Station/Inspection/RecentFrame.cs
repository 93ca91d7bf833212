using MrfAd.Contracts;

namespace MrfAd.Station.Inspection;

/// <summary>A frame that was judged recently.</summary>
/// <param name="VerdictId">The id of its verdict.</param>
/// <param name="Source">The origin of the frame: the name of the file for a folder or a video, otherwise that of the camera.</param>
public sealed record RecentFrame(Guid VerdictId, string Camera, string Source, Verdict Verdict, float Score, string BankSha256)
{
    /// <summary>The product by which it was judged; null where the station has none.</summary>
    public string? Product { get; init; }
}
