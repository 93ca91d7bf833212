using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Inspection;

/// <summary>How one trigger ended. Owns the shot and the heatmap.</summary>
/// <param name="Reason">Why there is no judgement, or one with something missing; null where all is well.</param>
/// <param name="Judgement">Null where no image was judged.</param>
/// <param name="Queue">Between capture and inspection.</param>
/// <param name="Total">From the trigger to the finished verdict.</param>
/// <param name="Heatmap">Null where nobody wants one or no image was judged.</param>
public sealed record InspectionReport(
    Shot Shot, Verdict Verdict, string? Reason, Judgement? Judgement, TimeSpan Queue, TimeSpan Total, Image? Heatmap) : IDisposable
{
    /// <summary>What is wrong with the image, where that is why there is no judgement.</summary>
    public ImageFault? Fault { get; init; }

    /// <summary>People see its pictures on the station itself, see <see cref="PreviewSampler"/>.</summary>
    public bool IsShown { get; init; }

    public void Dispose()
    {
        Heatmap?.Dispose();
        Shot.Dispose();
    }
}
