namespace MrfAd.Station.Inspection;

/// <summary>Which detector judges which camera's frames. Cameras whose detectors are set alike share one: its bank and encoder are loaded once.</summary>
public sealed class Detectors : IDisposable
{
    private readonly Dictionary<string, Detector> _byCamera;

    /// <param name="byCamera">By the camera's name; each detector opens its own inspector.</param>
    public Detectors(IEnumerable<KeyValuePair<string, Detector>> byCamera)
    {
        _byCamera = new(byCamera, StringComparer.Ordinal);
        All = [.. _byCamera.Values.Distinct()];
    }

    /// <summary>Each once, however many cameras it serves.</summary>
    public IReadOnlyList<Detector> All { get; }

    /// <param name="camera">Its name.</param>
    public Detector Of(string camera) => _byCamera[camera];

    public void Dispose()
    {
        foreach (var detector in All)
            detector.Dispose();
    }
}
