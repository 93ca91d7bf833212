using MrfAd.Contracts;

namespace MrfAd.Station.Inspection;

/// <summary>A frame judged lately.</summary>
/// <param name="VerdictId">Of its verdict.</param>
/// <param name="Source">Where it came from: the file's name for a folder or a video, otherwise the camera's.</param>
public sealed record RecentFrame(Guid VerdictId, string Camera, string Source, Verdict Verdict, float Score, string BankSha256);
