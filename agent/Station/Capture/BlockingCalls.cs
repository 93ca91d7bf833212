namespace MrfAd.Station.Capture;

/// <summary>
/// Runs calls that may never return, such as a read from a network share that hangs, one after the other on a thread that nothing else waits for. A call that has
/// not come back within a limit fails, its thread is left alone, and the next call gets another thread; with too many threads stuck, it waits until one is back.
/// </summary>
/// <param name="name">The name of the threads.</param>
/// <param name="limit">The time within which a call must come back.</param>
/// <param name="stuck">Called with a sentence when a call has not come back in time, and with null when all have.</param>
public sealed class BlockingCalls(string name, TimeSpan limit, Action<string?> stuck) : IDisposable
{
    // A picture of some hundred megabytes over a slow share comes within this, even on a busy machine.
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(20);

    /// <summary>With this many threads stuck, no other call is begun until one of them is back.</summary>
    public const int MaxStuckThreads = 3;

    private readonly Lock _lock = new();
    private readonly List<(string What, Task Ended)> _stuck = [];
    private CallThread? _thread;
    private Task _last = Task.CompletedTask;
    private bool _disposed;

    /// <summary>The number of threads that were left alone so far. What a call used on one of them may still be in use there.</summary>
    public int Abandoned { get; private set; }

    /// <summary>A sentence that names the calls that have not come back; null where all have.</summary>
    public string? Stuck
    {
        get
        {
            lock (_lock)
                return _stuck.Count == 0 ? null : $"{string.Join(", ", _stuck.Select(s => s.What))}: not back after {limit.TotalSeconds:0.###} s";
        }
    }

    /// <summary>Runs a call; one at a time.</summary>
    /// <param name="what">A noun phrase that names the call: "reading 7.png".</param>
    /// <param name="discard">Called with a result that comes too late, on the call's thread.</param>
    /// <exception cref="StuckCallException">The call has not come back in time.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; the call runs on, and the next one waits for it.</exception>
    public async Task<T> RunAsync<T>(string what, Func<T> call, Action<T>? discard, CancellationToken cancellationToken)
    {
        await _last.WaitAsync(cancellationToken).ConfigureAwait(false);
        await RoomAsync(cancellationToken).ConfigureAwait(false);
        var pending = new PendingCall<T>(call, discard);
        Post(pending.Run);
        _last = WatchAsync(what, pending);
        try
        {
            return await pending.Result.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (!pending.Cancel(cancellationToken))
                return await pending.Result.ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets the thread end after the call that it may be in; nothing waits for that.</summary>
    public void Dispose() => Dispose(null);

    /// <inheritdoc cref="Dispose()"/>
    /// <param name="last">Runs on the thread after that call; not where the thread is stuck.</param>
    public void Dispose(Action? last)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            if (last is not null)
                (_thread ??= new CallThread(name)).Post(() => Close(last));
            _thread?.Complete();
        }
    }

    private static void Close(Action last)
    {
        try
        {
            last();
        }
        catch (Exception)
        {
            // What is closed is no longer used, and nobody waits who could be told.
        }
    }

    private async Task RoomAsync(CancellationToken cancellationToken)
    {
        Task[] all;
        lock (_lock)
            all = [.. _stuck.Select(s => s.Ended)];
        if (all.Length >= MaxStuckThreads)
            await Task.WhenAny(all).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Post(Action call)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            (_thread ??= new CallThread(name)).Post(call);
        }
    }

    private async Task WatchAsync<T>(string what, PendingCall<T> call)
    {
        try
        {
            await call.Ended.WaitAsync(limit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Abandon(what, call.Ended);
            call.Fail(new StuckCallException($"{what} has not come back within {limit.TotalSeconds:0.###} s"));
        }
    }

    private void Abandon(string what, Task ended)
    {
        lock (_lock)
        {
            _stuck.Add((what, ended));
            Abandoned++;
            _thread?.Complete();
            _thread = null;
        }

        Report();
        _ = BackAsync(ended);
    }

    private async Task BackAsync(Task ended)
    {
        await ended.ConfigureAwait(false);
        lock (_lock)
            _stuck.RemoveAll(s => s.Ended == ended);
        Report();
    }

    private void Report()
    {
        if (!_disposed)
            stuck(Stuck);
    }

    private sealed class PendingCall<T>(Func<T> call, Action<T>? discard)
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => _result.Task;

        /// <summary>Completes when the call has come back, also where nobody waits for its result any more.</summary>
        public Task Ended => _ended.Task;

        public bool Cancel(CancellationToken cancellationToken) => _result.TrySetCanceled(cancellationToken);

        public void Fail(Exception error) => _result.TrySetException(error);

        public void Run()
        {
            try
            {
                var result = call();
                if (!_result.TrySetResult(result))
                    discard?.Invoke(result);
            }
            catch (Exception e)
            {
                _result.TrySetException(e); // thrown to the caller; where nobody waits any more, it is of no use
            }
            finally
            {
                _ended.TrySetResult();
            }
        }
    }
}
