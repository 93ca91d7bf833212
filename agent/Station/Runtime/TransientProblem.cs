namespace MrfAd.Station.Runtime;

/// <summary>
/// A problem that single events raise, such as a dropped picture. It ends when none has come for a while (an alarm's off-delay, ISA-18.2): under load such events
/// come and go many times a second, and each change of state would be a message. Thread-safe.
/// </summary>
/// <param name="part">The part of the station, as <see cref="StationHealth.Set"/> takes it.</param>
public sealed class TransientProblem(StationHealth health, string part, TimeProvider clock)
{
    /// <summary>The time without an event after which the problem is over.</summary>
    public static readonly TimeSpan OffDelay = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private ITimer? _end;
    private long _raisedAt;

    /// <summary>Notes an event.</summary>
    /// <param name="sentence">A sentence that names the part; the first one stays until the problem is over.</param>
    /// <returns>True where the problem is new.</returns>
    public bool Raise(string sentence)
    {
        lock (_lock)
        {
            _raisedAt = clock.GetTimestamp();
            if (_end is not null)
                return false;
            health.Set(part, sentence);
            _end = clock.CreateTimer(_ => EndIfOver(), null, OffDelay, OffDelay);
            return true;
        }
    }

    private void EndIfOver()
    {
        lock (_lock)
        {
            if (_end is null || clock.GetElapsedTime(_raisedAt) < OffDelay)
                return;
            _end.Dispose();
            _end = null;
            health.Set(part, null);
        }
    }
}
