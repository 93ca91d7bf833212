using System.Collections.Concurrent;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Capture;

/// <summary>The largest frame of each camera, as configured, else as its detector needs it, and the memory for all frames. Thread-safe.</summary>
public sealed class FrameLimits(ImageOptions options, MemoryBudget memory)
{
    private readonly ConcurrentDictionary<string, ImageLimits> _learned = new(StringComparer.Ordinal);

    /// <summary>Sets the limits of the detector that judges a camera's next frame.</summary>
    public void Learned(string camera, ImageLimits limits) => _learned[camera] = limits;

    /// <returns>The limits in force; those for all images while the camera's detector is not known.</returns>
    public ImageLimits Of(string camera) => options.Over(_learned.GetValueOrDefault(camera, ImageLimits.Default));

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
