using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Dashboard;

/// <summary>A connection to the broker that is there while somebody uses it, and for a grace after that. Thread-safe.</summary>
/// <param name="open">Makes a link with its subscriptions, not yet started.</param>
/// <param name="closed">Called when nobody has used it for the grace; the link may still deliver for a moment.</param>
/// <param name="grace">A page that is loaded again comes back within it.</param>
public sealed class SharedLink(Func<IMqttLink> open, Action closed, TimeSpan grace, TimeProvider clock) : IAsyncDisposable
{
    // A broker that does not answer is left without a word.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private IMqttLink? _link;
    private ITimer? _end;
    private Task _closing = Task.CompletedTask;
    private int _users;

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
        using var patience = new CancellationTokenSource(Patience);
        // It lets go of the broker in any case, and logs what was in the way.
        await link.StopAsync(null, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await link.DisposeAsync();
    }
}
