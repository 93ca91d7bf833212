using System.Collections.Concurrent;
using MrfAd.Engine.Images;
using MrfAd.Station.Options;

namespace MrfAd.Station.Capture;

/// <summary>The largest frame of each camera: as configured, else as its detector needs it. Thread-safe.</summary>
public sealed class FrameLimits(ImageOptions options)
{
    private readonly ConcurrentDictionary<string, ImageLimits> _learned = new(StringComparer.Ordinal);

    /// <summary>Sets the limits of the detector that judges a camera's next frame.</summary>
    public void Learned(string camera, ImageLimits limits) => _learned[camera] = limits;

    /// <returns>The limits in force; those for all images while the camera's detector is not known.</returns>
    public ImageLimits Of(string camera) => options.Over(_learned.GetValueOrDefault(camera, ImageLimits.Default));
}
