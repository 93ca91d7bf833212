using MrfAd.Engine.Images;

namespace MrfAd.Station.Updates;

/// <summary>A frame of a verdict that can be learned, or inspected again.</summary>
/// <param name="Product">The product by which it was judged; null where the station has none.</param>
/// <param name="Open">Returns a copy of the frame, which the caller owns; null where it is no longer kept.</param>
public sealed record CorrectionFrame(Guid VerdictId, string Camera, string? Product, Func<Image?> Open)
{
    /// <summary>The name by which the frame is known in previews.</summary>
    public string Name => $"verdict {VerdictId}";
}
