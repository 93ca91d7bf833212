using MrfAd.Engine.Images;

namespace MrfAd.Station.Updates;

/// <summary>A frame of a verdict that can be learned, or inspected again.</summary>
/// <param name="Open">Returns a copy of the frame, which the caller owns; null where it is no longer kept.</param>
public sealed record CorrectionFrame(Guid VerdictId, string Camera, Func<Image?> Open)
{
    /// <summary>The name by which the frame is known in previews.</summary>
    public string Name => $"verdict {VerdictId}";
}
