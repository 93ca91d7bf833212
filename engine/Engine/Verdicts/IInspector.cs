using MrfAd.Engine.Images;

namespace MrfAd.Engine.Verdicts;

/// <summary>A detector ready to judge images: an encoder, a bank, a threshold. One image at a time.</summary>
public interface IInspector : IDisposable
{
    InspectorInfo Info { get; }

    /// <summary>Does beforehand what would make the first image slow; <see cref="Info"/> is complete afterwards.</summary>
    /// <param name="say">Told what takes long, one sentence each.</param>
    void Prepare(Action<string> say)
    {
    }

    /// <param name="threshold">Null: the bank's own, <see cref="InspectorInfo.Threshold"/>.</param>
    /// <exception cref="ImageMismatchException">The image is not of the size the detector learned.</exception>
    Inspection Inspect(Image image, float? threshold = null);

    /// <summary>For the hottest spots of the image inspected last, the normal patches that came nearest; none where a detector knows no patches.</summary>
    /// <param name="inspection">Of that image.</param>
    /// <param name="most">Spots: the highest pixel of each region, or of the whole map where there is none.</param>
    IReadOnlyList<HotSpot> Explain(Inspection inspection, int most) => [];
}
