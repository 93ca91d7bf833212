using System.Collections.Concurrent;
using System.Collections.Immutable;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>The largest frame of each camera, as configured, else as its detector needs it, and the memory for all frames. Thread-safe.</summary>
public sealed class FrameLimits(ImageOptions options, MemoryBudget memory)
{
    private readonly ConcurrentDictionary<string, ImmutableDictionary<string, ImageLimits>> _learned = new(StringComparer.Ordinal);

    /// <summary>Sets the limits of a detector that judges a camera's frames.</summary>
    /// <param name="product">The product that it judges; null where the station has none.</param>
    public void Learned(string camera, string? product, ImageLimits limits) =>
        _learned.AddOrUpdate(camera, _ => ImmutableDictionary<string, ImageLimits>.Empty.SetItem(product ?? "", limits), (_, before) => before.SetItem(product ?? "", limits));

    /// <returns>The limits in force, those of the product with the largest images; the limits for all images while the camera's detectors are not known.</returns>
    public ImageLimits Of(string camera) => options.Over(_learned.TryGetValue(camera, out var learned) ? learned.Values.MaxBy(limits => limits.MaxMegapixels)! : ImageLimits.Default);

    /// <summary>Takes the memory for a frame and its heatmap.</summary>
    /// <param name="refusal">The reason why there is none; null where the memory was given.</param>
    /// <returns>The share of the frame; null where there is no room for it.</returns>
    public IDisposable? TryHold(Image image, out NoFrame? refusal)
    {
        // The heatmap has three bytes a pixel.
        var bytes = image.Bytes.Length + (3L * image.Width * image.Height);
        var share = memory.TryTake(MemoryUse.Frames, bytes);
        refusal = share is null ? new NoFrame(NoFrameCause.MemoryFull, memory.Describe(bytes)) : null;
        return share;
    }
}
