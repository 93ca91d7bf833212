using MrfAd.Station.Options;

namespace MrfAd.Station.Runtime;

/// <summary>
/// The memory that the station may use for what it holds. Whoever is about to hold something takes its share first; where none is left, the caches give way, the
/// oldest content first, and then the frame, the upload or the update is refused. Thread-safe.
/// </summary>
/// <param name="bytes">The budget in bytes.</param>
public sealed class MemoryBudget(long bytes)
{
    private static readonly MemoryUse[] Uses = Enum.GetValues<MemoryUse>();

    private readonly Lock _lock = new();
    private readonly long[] _used = new long[Uses.Length];
    private readonly List<Func<bool>> _caches = [];

    /// <summary>The budget in bytes.</summary>
    public long Bytes => bytes;

    /// <summary>The number of bytes that nothing uses.</summary>
    public long Free
    {
        get
        {
            lock (_lock)
                return bytes - _used.Sum();
        }
    }

    /// <returns>The number of bytes that something uses at present.</returns>
    public long Used(MemoryUse use)
    {
        lock (_lock)
            return _used[(int)use];
    }

    /// <summary>Adds a cache that gives way to everything else.</summary>
    /// <param name="dropOldest">Drops the oldest content, and with it its share; returns false where the cache is empty. Called without a lock, on any thread.</param>
    public void AddCache(Func<bool> dropOldest)
    {
        lock (_lock)
            _caches.Add(dropOldest);
    }

    /// <summary>Takes memory for something.</summary>
    /// <returns>The share, which is given back when it is disposed of; null where the budget has no room for it.</returns>
    public IDisposable? TryTake(MemoryUse use, long count)
    {
        Func<bool>[] caches;
        lock (_lock)
            // Nothing gives way to what never fits.
            caches = count > bytes ? [] : [.. _caches];
        while (true)
        {
            if (TryTakeFree(use, count) is { } share)
                return share;
            if (!caches.Any(dropOldest => dropOldest()))
                return null;
        }
    }

    /// <summary>Takes memory that is free, for the content of a cache: nothing gives way to it.</summary>
    /// <inheritdoc cref="TryTake"/>
    public IDisposable? TryTakeFree(MemoryUse use, long count)
    {
        lock (_lock)
        {
            if (_used.Sum() + count > bytes)
                return null;
            _used[(int)use] += count;
            return new Share(this, use, count);
        }
    }

    /// <returns>A sentence for whoever got no share.</returns>
    public string Describe(long wanted)
    {
        lock (_lock)
        {
            var used = string.Join(", ", Uses.Select(use => FormattableString.Invariant($"{MetricLabel.Of(use)} {_used[(int)use] / 1e6:0} MB")));
            return FormattableString.Invariant($"the memory budget is full: want {wanted / 1e6:0.#} MB more, of {bytes / 1e6:0} MB (memory.budget_mb) are used: {used}");
        }
    }

    private sealed class Share(MemoryBudget budget, MemoryUse use, long count) : IDisposable
    {
        private int _isGivenBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isGivenBack, 1) == 1)
                return;
            lock (budget._lock)
                budget._used[(int)use] -= count;
        }
    }
}
