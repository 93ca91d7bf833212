using System.Runtime.ExceptionServices;

namespace MrfAd.Engine.Features;

/// <summary>A thread that does the first part of each step ahead, while its owner does the second part of the step before. Nothing is allocated per run.</summary>
public sealed class Prefetcher : IDisposable
{
    private readonly int _steps;
    private readonly Action<int> _first;
    private readonly SemaphoreSlim _go = new(0);
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;
    private volatile bool _disposed;

    /// <param name="name">The name of the thread.</param>
    /// <param name="first">The first part of a step, called on the thread for steps 0, 1, …, in this order.</param>
    public Prefetcher(int steps, string name, Action<int> first)
    {
        (_steps, _first) = (steps, first);
        _thread = new Thread(Work) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs all steps. When it returns, or throws an exception of either part, the thread is idle.</summary>
    public void Run(Action<int> second)
    {
        _failure = null;
        _go.Release();
        var step = 0;
        try
        {
            for (; step < _steps; step++)
            {
                _ready.Wait();
                _failure?.Throw();
                second(step);
            }
        }
        finally
        {
            for (step++; step < _steps; step++)
                _ready.Wait();
        }
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _go.Release();
        _thread.Join();
        _go.Dispose();
        _ready.Dispose();
    }

    private void Work()
    {
        while (true)
        {
            _go.Wait();
            if (_disposed)
                return;
            for (var step = 0; step < _steps; step++)
            {
                Try(step);
                _ready.Release();
            }
        }
    }

    private void Try(int step)
    {
        try
        {
            if (_failure is null)
                _first(step);
        }
#pragma warning disable CA1031 // rethrown to the owner, who waits
        catch (Exception e)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(e);
        }
    }
}
