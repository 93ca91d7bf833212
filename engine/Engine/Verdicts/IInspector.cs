using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Verdicts;

/// <summary>A detector that is ready to inspect images: an encoder, a bank and a threshold. Not thread-safe.</summary>
public interface IInspector : IDisposable
{
    InspectorInfo Info { get; }

    /// <summary>Does in advance all work that would make the first image slow; <see cref="Info"/> is complete afterwards.</summary>
    /// <param name="report">Called with a sentence about each step that takes long.</param>
    void Prepare(Action<string> report)
    {
    }

    /// <param name="threshold">The score from which on the part is defective; null takes the bank's own, <see cref="InspectorInfo.Threshold"/>.</param>
    /// <param name="regions">The regions of the part; null takes the bank's own, <see cref="InspectorInfo.Regions"/>.</param>
    /// <exception cref="ImageMismatchException">The image is not of the size the detector learned, or the regions are not of the image's.</exception>
    Inspection Inspect(Image image, float? threshold = null, PartRegions? regions = null);

    /// <summary>Makes the image in which the part lies as in the bank's reference.</summary>
    /// <returns>A new image; null where frames are not aligned.</returns>
    /// <exception cref="ImageMismatchException">The image shows no part that fits, or has another size.</exception>
    Image? Upright(Image image) => null;

    /// <summary>Makes all scores of the last inspection's map at or above <paramref name="from"/> exact, as a picture needs them. Does nothing where they are (<see cref="Inspection.IsBounded"/>).</summary>
    void MakeExact(float from);

    /// <summary>Returns the normal patches nearest to the highest-scoring pixels of the last inspected image; none where a detector has no patches.</summary>
    /// <param name="inspection">The inspection of that image.</param>
    /// <param name="maxSpots">Maximum number of pixels: the highest of each region, or of the whole map where there is no region.</param>
    IReadOnlyList<HotSpot> Explain(Inspection inspection, int maxSpots) => [];
}
