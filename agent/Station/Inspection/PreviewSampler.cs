using MrfAd.Contracts;

namespace MrfAd.Station.Inspection;

/// <summary>Of which parts people get to see pictures on the station itself, whatever is published: all that are not OK, of good ones at most one a second of each camera. For one thread.</summary>
/// <param name="any">False: nobody looks.</param>
public sealed class PreviewSampler(bool any, TimeProvider clock)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, long> _last = new(StringComparer.Ordinal);

    /// <summary>Ask once for each verdict: a yes counts.</summary>
    public bool Take(string camera, Verdict verdict)
    {
        if (!any || verdict != Verdict.Ok)
            return any;
        var now = clock.GetTimestamp();
        if (_last.TryGetValue(camera, out var last) && clock.GetElapsedTime(last, now) < Pace)
            return false;
        _last[camera] = now;
        return true;
    }
}
