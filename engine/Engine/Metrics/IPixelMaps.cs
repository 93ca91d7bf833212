namespace MrfAd.Engine.Metrics;

/// <summary>The anomaly maps of a test set and their masks. Maps are read several times and by several threads, so that they need not all be in memory.</summary>
public interface IPixelMaps
{
    int Count { get; }

    /// <summary>Returns the regions of an image's mask.</summary>
    MaskRegions Regions(int image);

    /// <returns>The scores [H·W] at the mask's size, none of them NaN; valid until this thread's next call.</returns>
    ReadOnlySpan<float> Read(int image);
}
