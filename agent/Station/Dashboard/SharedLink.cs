using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Dashboard;

/// <summary>A connection to the broker that is open while it has users, and for a grace period after that. Thread-safe.</summary>
/// <param name="open">Creates a link with its subscriptions, which has not been started.</param>
/// <param name="closed">Called when the link is closed after the grace period; it may still deliver for a moment.</param>
/// <param name="grace">The grace period, within which a page that is loaded again is back.</param>
public sealed class SharedLink(Func<IMqttLink> open, Action closed, TimeSpan grace, TimeProvider clock) : IAsyncDisposable
{
    // A connection to a broker that does not answer is dropped after this time.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IMqttLink? _link;
    private ITimer? _end;
    private Task _closing = Task.CompletedTask;
    private int _users;

    /// <summary>Adds a user; the first one opens the link.</summary>
    public void Acquire()
    {
        lock (_lock)
        {
            _users++;
            _end?.Dispose();
            if (_link is not null)
                return;
            _link = open();
            _link.Start();
        }
    }

    /// <summary>Removes a user; after the last one the link is closed when the grace period is over.</summary>
    public void Release()
    {
        lock (_lock)
        {
            if (--_users > 0)
                return;
            _end?.Dispose();
            _end = clock.CreateTimer(_ => CloseIfUnused(), null, grace, Timeout.InfiniteTimeSpan);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task closing;
        lock (_lock)
        {
            _end?.Dispose();
            Close();
            closing = _closing;
        }

        await closing;
    }

    private void CloseIfUnused()
    {
        lock (_lock)
        {
            if (_users == 0)
                Close();
        }
    }

    private void Close()
    {
        if (_link is not { } link)
            return;
        _link = null;
        closed();
        _closing = Task.WhenAll(_closing, StopAsync(link));
    }

    private static async Task StopAsync(IMqttLink link)
    {
        using var timeout = new CancellationTokenSource(StopTimeout);
        // The link disconnects in any case, and logs what prevented an orderly end.
        await link.StopAsync(null, timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await link.DisposeAsync();
    }
}
