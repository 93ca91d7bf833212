using System.Collections.Concurrent;

namespace MrfAd.Station.Runtime;

/// <summary>Knows whether the station's loops still come round: each says when it takes a piece of work in hand and when it is through. Thread-safe.</summary>
public sealed class Heartbeat(TimeProvider clock)
{
    private readonly ConcurrentDictionary<object, long> _since = new();

    /// <summary>How long the oldest piece of work has been in hand; zero where nothing is: a line that stands still on purpose.</summary>
    public TimeSpan Longest => _since.Values.Select(since => clock.GetElapsedTime(since)).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <returns>Disposed of when the work is through.</returns>
    public IDisposable Begin()
    {
        var work = new Work(this);
        _since[work] = clock.GetTimestamp();
        return work;
    }

    private sealed class Work(Heartbeat owner) : IDisposable
    {
        public void Dispose() => owner._since.TryRemove(this, out _);
    }
}
