using MrfAd.Contracts;

namespace MrfAd.Station.Inspection;

/// <summary>Selects the parts whose pictures the station's own page shows, independent of the published ones: all that are not OK, and at most one OK part a second of each camera. It is used by one thread.</summary>
/// <param name="enabled">False where there is no page, and nothing is selected.</param>
public sealed class PreviewSampler(bool enabled, TimeProvider clock)
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);

    /// <summary>Decides for one verdict; it must be called once for each, because a selected OK part delays the next.</summary>
    /// <returns>True where the part is shown.</returns>
    public bool Take(string camera, Verdict verdict)
    {
        if (!enabled || verdict != Verdict.Ok)
            return enabled;
        var now = clock.GetTimestamp();
        if (_last.TryGetValue(camera, out var last) && clock.GetElapsedTime(last, now) < MinInterval)
            return false;
        _last[camera] = now;
        return true;
    }
}
