namespace MrfAd.Station.Mqtt;

/// <summary>
/// Recognises from the ends of connections that another client uses the same client id: a broker disconnects the older of two, and where both connect again
/// at once, that goes on for ever. The client that was displaced therefore waits longer each time. One that was displaced once connects again at once: that
/// was a single event.
/// </summary>
public sealed class ClientIdConflict : IDisposable
{
    // A broker says so under MQTT 5; the first time may be a single event, for example a tool that somebody started with this id.
    private const int MinTakeOvers = 2;

    // Under MQTT 3.1.1, and by brokers that do not say it under MQTT 5 either, the connection is closed without a word, which may have other causes.
    private const int MinClosed = 3;

    // A connection that ends by a displacement lasts as long as the other client waits, which is about as long as we do.
    private const int ShortInFirstDelays = 10, ShortInDelays = 2;

    private readonly string _clientId;
    private readonly TimeSpan _firstDelay, _stable;
    private readonly TimeProvider _clock;
    private readonly Action<string?> _changed;
    private readonly Backoff _delay;
    private readonly ITimer _stableTimer;
    private readonly Lock _lock = new();
    private long _since;
    private TimeSpan _lastDelay;
    private int _takenOver, _closed;

    /// <param name="firstDelay">The delay after the first displacement; it doubles from there.</param>
    /// <param name="maxDelay">The maximum delay.</param>
    /// <param name="changed">Called with one sentence when a conflict is recognised, and with null when a connection has held so long that it is over.</param>
    public ClientIdConflict(string clientId, TimeSpan firstDelay, TimeSpan maxDelay, TimeProvider clock, Action<string?> changed)
    {
        (_clientId, _firstDelay, _clock, _changed) = (clientId, firstDelay, clock, changed);
        _delay = new Backoff(firstDelay, maxDelay);
        // The other client would have come back by then, even where it waits longest.
        _stable = 2 * maxDelay;
        _stableTimer = clock.CreateTimer(_ => Forget(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reports that the broker has accepted a connection.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _since = _clock.GetTimestamp();
            _stableTimer.Change(_takenOver > 0 ? _stable : 2 * Short, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Reports the end of a connection or of an attempt to connect.</summary>
    /// <returns>The delay before the next attempt; null where no conflict is the cause, and the usual one is right.</returns>
    public TimeSpan? End(ConnectionEndKind kind)
    {
        _stableTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_lock)
        {
            if (kind == ConnectionEndKind.TakenOver)
                _takenOver++;
            else if (kind == ConnectionEndKind.Closed && _clock.GetElapsedTime(_since) <= Short)
                _closed++;
            else
                _closed = 0; // an attempt failed or the connection held: closed connections in a row are the pattern

            if (_takenOver >= MinTakeOvers)
                _changed($"another client uses the client id '{_clientId}' and takes over the connection again and again; every client needs an id of its own (mqtt.client_id; a station's own comes from site, line and station)");
            else if (_closed >= MinClosed)
                _changed($"another client may use the client id '{_clientId}': the broker closes each connection soon after it has accepted it, and does not say why (its log does)");
            if (kind != ConnectionEndKind.TakenOver && _closed < MinClosed)
                return null;
            return _lastDelay = _delay.Next();
        }
    }

    /// <summary>A connection that ends within this time may have been displaced.</summary>
    private TimeSpan Short => ShortInFirstDelays * _firstDelay > ShortInDelays * _lastDelay ? ShortInFirstDelays * _firstDelay : ShortInDelays * _lastDelay;

    public void Dispose() => _stableTimer.Dispose();

    private void Forget()
    {
        lock (_lock)
        {
            (_takenOver, _closed, _lastDelay) = (0, 0, TimeSpan.Zero);
            _delay.Reset();
            _changed(null);
        }
    }
}
