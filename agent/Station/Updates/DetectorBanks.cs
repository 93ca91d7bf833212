using MrfAd.Station.Options;

namespace MrfAd.Station.Updates;

/// <summary>All detectors: the station's own, and those that belong to single cameras.</summary>
/// <param name="all">All detectors; the first one is the station's.</param>
public sealed class DetectorBanks(IReadOnlyList<DetectorBank> all) : IDisposable
{
    public IReadOnlyList<DetectorBank> All => all;

    public DetectorBank Station => all[0];

    /// <summary>Returns the detector that judges a camera's frames.</summary>
    /// <param name="camera">The name of the camera; null for the station's own detector.</param>
    /// <returns>Null where there is no such camera.</returns>
    public DetectorBank? Of(string? camera) => camera is null ? Station : all.FirstOrDefault(d => d.Bank.Cameras.Contains(camera));

    /// <summary>Returns the different detectors of a configuration, the station's first, with the cameras whose frames each judges.</summary>
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
