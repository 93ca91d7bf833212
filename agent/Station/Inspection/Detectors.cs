namespace MrfAd.Station.Inspection;

/// <summary>Maps cameras to detectors. Cameras whose detectors have the same options share one, whose bank and encoder are loaded once.</summary>
public sealed class Detectors : IDisposable
{
    private readonly Dictionary<string, Detector> _byCamera;

    /// <param name="byCamera">The detectors by the name of the camera; each opens its own inspector.</param>
    public Detectors(IEnumerable<KeyValuePair<string, Detector>> byCamera)
    {
        _byCamera = new(byCamera, StringComparer.Ordinal);
        All = [.. _byCamera.Values.Distinct()];
    }

    /// <summary>The distinct detectors.</summary>
    public IReadOnlyList<Detector> All { get; }

    /// <returns>The detector of a camera.</returns>
    /// <param name="camera">The name of the camera.</param>
    public Detector Of(string camera) => _byCamera[camera];

    public void Dispose()
    {
        foreach (var detector in All)
            detector.Dispose();
    }
}
