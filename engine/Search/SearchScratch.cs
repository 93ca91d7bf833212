namespace MrfAd.Engine.Search;

/// <summary>The workers of one searching thread and their memory, which grows to the largest call and is then reused.</summary>
public sealed unsafe class SearchScratch : IDisposable
{
    // So many panels share a block of rows while it is in the cache; more would only need more memory.
    private const int MostPanels = 8;

    private readonly ParallelOptions _options;
    private readonly Action<int> _run;
    private readonly NativeFloats[] _memory;
    private ExactSearch.Job _job;
    private int _panels;
    private int _next;
    private long _candidates;

    /// <param name="workers">Threads of one search, ≥ 1.</param>
    public SearchScratch(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        _options = new ParallelOptions { MaxDegreeOfParallelism = workers };
        _memory = [.. Enumerable.Range(0, workers).Select(_ => new NativeFloats())];
        _run = Run;
    }

    /// <summary>Rows compared in full by all searches so far.</summary>
    public long Candidates => _candidates;

    internal void Run(ExactSearch.Job job)
    {
        _job = job;
        _next = 0;
        _panels = Math.Clamp(job.Panels / (_memory.Length * 4), 1, MostPanels); // small enough that all workers end together
        if (_memory.Length == 1)
            Run(0);
        else
            Parallel.For(0, _memory.Length, _options, _run);
    }

    private void Run(int worker)
    {
        var memory = _memory[worker].Require(_job.Memory(_panels));
        while (Interlocked.Increment(ref _next) - 1 is var part && part * _panels < _job.Panels)
            Interlocked.Add(ref _candidates, _job.Run(part * _panels, Math.Min(_job.Panels, (part + 1) * _panels), memory));
    }

    public void Dispose()
    {
        foreach (var memory in _memory)
            memory.Dispose();
    }
}
