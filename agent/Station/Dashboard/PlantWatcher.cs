using System.Threading.Channels;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// An open page with its queue of unread events, which is limited. A page that is too slow loses its unread events, is told their number, and starts over with
/// a snapshot of all that is known then; nothing waits for it. The queue is guarded by the feed's lock.
/// </summary>
public sealed class PlantWatcher : IDisposable
{
    // More than a second of events of a busy plant.
    private const int MaxPending = 1000, MaxPendingBytes = 8 * 1024 * 1024;

    private readonly PlantFeed _feed;
    private readonly Queue<PlantEvent> _events = new();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _lost, _bytes;
    private bool _isBehind = true, _linkIsDue = true;

    internal PlantWatcher(PlantFeed feed, bool pictures) => (_feed, Pictures) = (feed, pictures);

    /// <summary>Returns true for a page that shows pictures.</summary>
    public bool Pictures { get; }

    /// <summary>Yields all events that the page needs to get and to stay up to date, without end; it is read once.</summary>
    public IAsyncEnumerable<PlantEvent> ReadAsync(CancellationToken cancellationToken) => _feed.ReadAsync(this, cancellationToken);

    /// <summary>Removes the page from the feed.</summary>
    public void Dispose() => _feed.Leave(this);

    internal void Offer(PlantEvent e)
    {
        // The page will get a snapshot that includes this event.
        if (_isBehind)
        {
            _lost += _lost > 0 ? 1 : 0;
            return;
        }

        _events.Enqueue(e);
        _bytes += e.Data.Length;
        if (_events.Count > MaxPending || _bytes > MaxPendingBytes)
        {
            (_lost, _isBehind, _bytes) = (_events.Count, true, 0);
            _events.Clear();
        }

        _due.Writer.TryWrite(true);
    }

    /// <summary>Queues the state of the connection, after a change or as a keep-alive.</summary>
    internal void OfferLink()
    {
        _linkIsDue = true;
        _due.Writer.TryWrite(true);
    }

    /// <summary>Completes when there is something to take.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _due.Reader.ReadAsync(cancellationToken);

    /// <returns>The events that the page has to get now.</returns>
    /// <param name="link">Encodes the state of the connection.</param>
    /// <param name="lost">Encodes the number of events that the page has lost.</param>
    /// <param name="snapshot">Returns the events by which a page gets up to date.</param>
    internal List<PlantEvent> Take(Func<PlantEvent> link, Func<int, PlantEvent> lost, Func<IEnumerable<PlantEvent>> snapshot)
    {
        var events = new List<PlantEvent>();
        if (_linkIsDue)
            events.Add(link());
        if (_lost > 0)
            events.Add(lost(_lost));
        if (_isBehind)
            events.AddRange(snapshot());
        events.AddRange(_events);
        _events.Clear();
        (_lost, _bytes, _isBehind, _linkIsDue) = (0, 0, false, false);
        return events;
    }
}
