using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Inspection;

/// <summary>The result of one trigger. It owns the shot and the heatmap.</summary>
/// <param name="Reason">The reason why there is no judgement, or an incomplete one; null where all is well.</param>
/// <param name="Judgement">The judgement; null where no image was judged.</param>
/// <param name="Queue">The time between capture and inspection.</param>
/// <param name="Total">The time from the trigger to the finished verdict.</param>
/// <param name="Heatmap">The heatmap; null where none is wanted or no image was judged.</param>
public sealed record InspectionReport(
    Shot Shot, Verdict Verdict, string? Reason, Judgement? Judgement, TimeSpan Queue, TimeSpan Total, Image? Heatmap) : IDisposable
{
    /// <summary>The fault of the image for which it was not judged; null where there is another reason.</summary>
    public ImageFault? Fault { get; init; }

    /// <summary>True where the station's own page shows the pictures, see <see cref="PreviewSampler"/>.</summary>
    public bool IsShown { get; init; }

    public void Dispose()
    {
        Heatmap?.Dispose();
        Shot.Dispose();
    }
}
