using System.Threading.Channels;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// A page that watches, with the events that it has yet to read, within limits. A page that is too slow loses what it has not read, is told how much that
/// was, and begins anew with what is known then; nobody waits for it. Its queue is guarded by the feed's lock.
/// </summary>
public sealed class PlantWatcher : IDisposable
{
    // A page reads as fast as its line allows: more than a second of a busy plant.
    private const int Waiting = 1000, WaitingBytes = 8 * 1024 * 1024;

    private readonly PlantFeed _feed;
    private readonly Queue<PlantEvent> _events = new();
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private int _lost, _bytes;
    private bool _isBehind = true, _linkIsDue = true;

    internal PlantWatcher(PlantFeed feed, bool pictures) => (_feed, Pictures) = (feed, pictures);

    public bool Pictures { get; }

    /// <summary>Everything that the page needs to be and to stay up to date, without end; read once.</summary>
    public IAsyncEnumerable<PlantEvent> ReadAsync(CancellationToken cancellationToken) => _feed.ReadAsync(this, cancellationToken);

    /// <summary>The page leaves.</summary>
    public void Dispose() => _feed.Leave(this);

    internal void Offer(PlantEvent e)
    {
        // It gets the whole as it is then.
        if (_isBehind)
        {
            _lost += _lost > 0 ? 1 : 0;
            return;
        }

        _events.Enqueue(e);
        _bytes += e.Data.Length;
        if (_events.Count > Waiting || _bytes > WaitingBytes)
        {
            (_lost, _isBehind, _bytes) = (_events.Count, true, 0);
            _events.Clear();
        }

        _due.Writer.TryWrite(true);
    }

    /// <summary>The connection has changed, or it is time for a sign of life.</summary>
    internal void OfferLink()
    {
        _linkIsDue = true;
        _due.Writer.TryWrite(true);
    }

    /// <summary>Completes when there is something to take.</summary>
    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => _due.Reader.ReadAsync(cancellationToken);

    /// <returns>What the page has to be told now.</returns>
    /// <param name="lost">Tells how many events it has lost.</param>
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
