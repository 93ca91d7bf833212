using System.Collections.Concurrent;

namespace MrfAd.Station.Runtime;

/// <summary>Measures whether the station's loops make progress: each reports when it begins and ends a piece of work. Thread-safe.</summary>
public sealed class Heartbeat(TimeProvider clock)
{
    private readonly ConcurrentDictionary<object, long> _since = new();

    /// <summary>Age of the oldest unfinished piece of work; zero where there is none, as on a line that stands still on purpose.</summary>
    public TimeSpan OldestWork => _since.Values.Select(since => clock.GetElapsedTime(since)).DefaultIfEmpty(TimeSpan.Zero).Max();

    /// <summary>Reports that a piece of work begins.</summary>
    /// <returns>A handle to be disposed of when the work is finished.</returns>
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
