namespace MrfAd.Station.Runtime;

/// <summary>Makes the station Degraded where the same work fails several times in a row, until it succeeds again: one fault is that of a frame, several are those of the station.</summary>
/// <param name="part">The part of the station, as <see cref="StationHealth.Set"/> takes it.</param>
public sealed class FaultStreak(StationHealth health, string part)
{
    /// <summary>The number of faults in a row that make the station Degraded.</summary>
    public const int Limit = 3;

    private int _count;

    /// <summary>Counts a fault.</summary>
    /// <param name="sentence">A sentence that names the part and the fault.</param>
    public void Failed(string sentence)
    {
        if (++_count >= Limit)
            health.Set(part, $"{sentence} ({_count} times in a row)");
    }

    /// <summary>Ends the streak.</summary>
    public void Succeeded()
    {
        if (_count >= Limit)
            health.Set(part, null);
        _count = 0;
    }
}
