using System.Runtime.InteropServices;

namespace MrfAd.Engine.Search;

/// <summary>The workers of one searching thread and their memory, which grows to the largest call and is then reused.</summary>
public sealed unsafe class SearchScratch : IDisposable
{
    private readonly ParallelOptions _options;
    private readonly Action<int> _run;
    private readonly Memory[] _memory;
    private ExactSearch.Job _job;

    /// <param name="workers">Threads of one search, ≥ 1.</param>
    public SearchScratch(int workers)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(workers);
        _options = new ParallelOptions { MaxDegreeOfParallelism = workers };
        _memory = new Memory[workers];
        _run = Run;
    }

    internal void Run(ExactSearch.Job job)
    {
        _job = job;
        if (_memory.Length == 1)
            Run(0);
        else
            Parallel.For(0, _memory.Length, _options, _run);
    }

    private void Run(int worker)
    {
        var first = _job.Panels * worker / _memory.Length;
        var end = _job.Panels * (worker + 1) / _memory.Length;
        if (first == end)
            return;
        var queries = (long)(end - first) * PanelKernel.PanelQueries;
        ref var memory = ref _memory[worker];
        memory.Require((queries * (_job.Dimension + 2)) + _job.Dimension);
        var best = memory.Start + (queries * _job.Dimension);
        _job.Run(first, end, memory.Start, best, best + queries, best + (2 * queries));
    }

    public void Dispose()
    {
        foreach (ref var memory in _memory.AsSpan())
            memory.Free();
    }

    /// <summary>Floats aligned to a cache line.</summary>
    private struct Memory
    {
        private long _length;

        public float* Start { get; private set; }

        public void Require(long length)
        {
            if (length <= _length)
                return;
            Free();
            Start = (float*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(float)), 64);
            _length = length;
        }

        public void Free()
        {
            NativeMemory.AlignedFree(Start);
            Start = null;
            _length = 0;
        }
    }
}
