using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>The detectors that can be updated: the station's, and those that cameras have of their own.</summary>
/// <param name="all">The station's first.</param>
public sealed class DetectorBanks(IReadOnlyList<DetectorBank> all) : IDisposable
{
    public IReadOnlyList<DetectorBank> All => all;

    public DetectorBank Station => all[0];

    /// <param name="camera">Null: the station's.</param>
    /// <returns>What judges the camera's frames; null: there is no such camera.</returns>
    public DetectorBank? Of(string? camera) => camera is null ? Station : all.FirstOrDefault(d => d.Bank.Cameras.Contains(camera));

    /// <summary>A station's detectors, its own first, and whose frames each judges.</summary>
    public static IReadOnlyList<(DetectorOptions Detector, IReadOnlyList<string> Cameras)> Of(StationOptions station)
    {
        var own = station.Cameras.GroupBy(camera => camera.Detector ?? station.Detector, camera => camera.Name).ToDictionary(g => g.Key, g => (IReadOnlyList<string>)[.. g]);
        own.Remove(station.Detector, out var others);
        return [(station.Detector, others ?? []), .. own.Select(o => (o.Key, o.Value))];
    }

    public void Dispose()
    {
        foreach (var detector in all)
            detector.Bank.Dispose();
    }
}
