namespace MrfAd.Agent.Inspection;

/// <summary>Which detector judges which camera's frames.</summary>
public sealed class Detectors(Detector detector) : IDisposable
{
    /// <summary>Each once, however many cameras it serves.</summary>
    public IReadOnlyList<Detector> All { get; } = [detector];

    /// <param name="camera">Its name.</param>
    public Detector Of(string camera) => detector;

    public void Dispose()
    {
        foreach (var detector in All)
            detector.Dispose();
    }
}
