namespace MrfAd.Engine.Search;

/// <summary>The workers of one searching thread and their memory, which grows to the largest call and is then reused. The caller is one of them.</summary>
public sealed class SearchScratch : IDisposable
{
    // Maximum number of panels that share a block of rows while it is in the cache; more would only need more memory.
    private const int MaxPanels = 8;

    private readonly WorkerBuffers[] _buffers;
    private readonly SemaphoreSlim _go = new(0);
    private readonly CountdownEvent _done = new(1);
    private readonly List<Thread> _helpers = [];
    private SearchJob _job;
    private Exception? _failure;
    private int _panels;
    private int _next;
    private long _candidates;
    private volatile bool _disposed;

    /// <param name="workers">The number of threads of one search, ≥ 1.</param>
    public SearchScratch(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        Options = new ParallelOptions { MaxDegreeOfParallelism = workers };
        _buffers = [.. Enumerable.Range(0, workers).Select(_ => new WorkerBuffers())];
        for (var worker = 1; worker < workers; worker++)
        {
            var buffers = _buffers[worker];
            _helpers.Add(new Thread(() => Help(buffers)) { IsBackground = true, Name = $"search {worker}" });
            _helpers[^1].Start();
        }
    }

    internal ParallelOptions Options { get; }

    /// <summary>The number of rows compared in full by all searches so far.</summary>
    public long Candidates => _candidates;

    internal void Run(SearchJob job)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _job = job;
        _next = 0;
        _failure = null;
        _panels = Math.Clamp(job.Panels / (_buffers.Length * 4), 1, MaxPanels); // small enough that all workers end together
        _done.Reset(_buffers.Length);
        if (_helpers.Count > 0)
            _go.Release(_helpers.Count);
        Work(_buffers[0]);
        _done.Wait();
        if (_failure is not null)
            throw new InvalidOperationException("a search has failed", _failure);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_helpers.Count > 0)
            _go.Release(_helpers.Count);
        foreach (var helper in _helpers)
            helper.Join();
        foreach (var buffers in _buffers)
            buffers.Dispose();
        _go.Dispose();
        _done.Dispose();
    }

    private void Help(WorkerBuffers buffers)
    {
        while (true)
        {
            _go.Wait();
            if (_disposed)
                return;
            Work(buffers);
        }
    }

    private void Work(WorkerBuffers buffers)
    {
        try
        {
            _job.Reserve(buffers, _panels);
            while (Interlocked.Increment(ref _next) - 1 is var part && part * _panels < _job.Panels)
                Interlocked.Add(ref _candidates, _job.Run(part * _panels, Math.Min(_job.Panels, (part + 1) * _panels), buffers));
        }
#pragma warning disable CA1031 // rethrown to the caller, who waits
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = e;
        }
        finally
        {
            _done.Signal();
        }
    }
}
