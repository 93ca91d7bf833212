using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// All stations of the plant for the pages that watch it, heard from the broker: subscribed while somebody watches, on connections of its own, so that no trigger
/// and no verdict of this station waits behind another's. Everything that it remembers has a limit. Thread-safe.
/// </summary>
public sealed partial class PlantFeed : IAsyncDisposable
{
    /// <summary>Pages at once.</summary>
    public const int MaxWatchers = 16;

    /// <summary>How long the subscriptions outlive the last page.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The largest message on these connections in bytes: a picture, with room for its topic and properties.</summary>
    public const int LargestPacket = PlantPictures.Largest + (64 * 1024);

    // A page that hears nothing for three times as long takes the line for cut.
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(4);

    // A verdict with hundreds of regions.
    private const int LargestFact = 128 * 1024;

    private readonly Func<string, IMqttLink> _connect;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly List<PlantWatcher> _watchers = [];
    private readonly SharedLink _facts;
    private readonly SharedLink _shown;

    // Replaced when the connection that fills them is closed: what such a connection still delivers finds others here.
    private PlantMemory _memory = new();
    private PlantPictures _pictures = new();
    private long _lastPicture;
    private bool? _isConnected;
    private string? _lostBecause;
    private int _ignored;
    private string? _ignoredLast;

    /// <param name="connect">Makes a link that has not started; its argument tells the connections apart: "plant" or "plant-pictures".</param>
    public PlantFeed(Func<string, IMqttLink> connect, TimeProvider clock, ILogger log)
    {
        (_connect, _clock, _log) = (connect, clock, log);
        _facts = new SharedLink(OpenFacts, ForgetFacts, Grace, clock);
        _shown = new SharedLink(OpenPictures, ForgetPictures, Grace, clock);
    }

    /// <summary>A page begins to watch.</summary>
    /// <param name="pictures">The page wants to be told of pictures as well.</param>
    /// <returns>To be disposed when the page leaves; null where too many watch already.</returns>
    public PlantWatcher? Watch(bool pictures)
    {
        var watcher = new PlantWatcher(this, pictures);
        lock (_lock)
        {
            if (_watchers.Count >= MaxWatchers)
                return null;
            _watchers.Add(watcher);
        }

        _facts.Acquire();
        if (pictures)
            _shown.Acquire();
        return watcher;
    }

    /// <returns>Null where it is not, or no longer, there.</returns>
    public PlantPicture? FindPicture(long number)
    {
        lock (_lock)
            return _pictures.Find(number);
    }

    public async ValueTask DisposeAsync()
    {
        await _facts.DisposeAsync();
        await _shown.DisposeAsync();
    }

    /// <summary>Gives a page its events for as long as they are read.</summary>
    internal async IAsyncEnumerable<PlantEvent> ReadAsync(PlantWatcher watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var alive = _clock.CreateTimer(_ => TellLink(watcher), null, SignOfLife, SignOfLife);
        while (true)
        {
            foreach (var e in Take(watcher))
                yield return e;
            await watcher.WaitAsync(cancellationToken);
        }
    }

    internal void Leave(PlantWatcher watcher)
    {
        lock (_lock)
        {
            if (!_watchers.Remove(watcher))
                return;
        }

        _facts.Release();
        if (watcher.Pictures)
            _shown.Release();
    }

    private List<PlantEvent> Take(PlantWatcher watcher)
    {
        lock (_lock)
        {
            return watcher.Take(
                () => PlantEvents.Link(_isConnected, _lostBecause, _ignored, _ignoredLast),
                lost => PlantEvents.Lost(lost, _memory.Stations),
                () => _memory.Snapshot(watcher.Pictures ? _pictures : null));
        }
    }

    private void TellLink(PlantWatcher watcher)
    {
        lock (_lock)
            watcher.OfferLink();
    }

    private IMqttLink OpenFacts()
    {
        var (link, memory) = (_connect("plant"), _memory);
        link.ConnectionChanged += reason => Changed(memory, reason);
        Subscribe(link, PlantTopic.Facts, (topic, message) => HearFact(memory, topic, message));
        return link;
    }

    private IMqttLink OpenPictures()
    {
        var (link, pictures) = (_connect("plant-pictures"), _pictures);
        Subscribe(link, PlantTopic.Pictures, (topic, message) => HearPicture(pictures, topic, message));
        return link;
    }

    /// <summary>Messages are taken in on the network thread; what is slow, the pages, has queues of its own.</summary>
    private void Subscribe(IMqttLink link, IReadOnlyList<string> filters, Func<PlantTopic, MqttMessage, string?> hear)
    {
        foreach (var filter in filters)
        {
            link.Subscribe(filter, (_, _) => Task.CompletedTask, message =>
            {
                if (PlantTopic.Parse(message.Topic) is { } topic && hear(topic, message) is { } fault)
                    Ignore(message.Topic, fault);
                return false;
            });
        }
    }

    private void ForgetFacts()
    {
        lock (_lock)
        {
            _memory = new PlantMemory();
            (_isConnected, _lostBecause, _ignored, _ignoredLast) = (null, null, 0, null);
        }
    }

    private void ForgetPictures()
    {
        lock (_lock)
            _pictures = new PlantPictures();
    }

    private void Changed(PlantMemory memory, string? reason)
    {
        lock (_lock)
        {
            if (memory != _memory)
                return;
            (_isConnected, _lostBecause) = (reason is null, reason);
            foreach (var watcher in _watchers)
                watcher.OfferLink();
        }
    }

    /// <returns>Why it is not shown; null where it is, or need not be.</returns>
    private string? HearFact(PlantMemory memory, PlantTopic topic, MqttMessage message)
    {
        if (message.Payload.Length > LargestFact)
            return $"it has {message.Payload.Length} bytes, at most {LargestFact} are shown";
        var cleared = message.Payload.IsEmpty;
        if (cleared && topic.Kind == "verdict")
            return null;
        if (PlantEvents.Fact(topic, message.Payload, out var id) is not { } fact)
            return "it is no JSON object";
        lock (_lock)
        {
            if (memory != _memory)
                return null;
            if (cleared)
                memory.Forget(topic);
            else if (!memory.Keep(topic, fact, id))
                return $"want at most {PlantMemory.MaxStations} stations of at most {PlantMemory.MaxCameras} cameras";
            foreach (var watcher in _watchers)
                watcher.Offer(fact);
        }

        return null;
    }

    /// <inheritdoc cref="HearFact"/>
    private string? HearPicture(PlantPictures pictures, PlantTopic topic, MqttMessage message)
    {
        if (message.Payload.Length > PlantPictures.Largest)
            return $"it has {message.Payload.Length} bytes, at most {PlantPictures.Largest} are shown";
        if (PlantPictures.TypeOf(message.Payload.Span) is not { } type)
            return "it is neither a PNG nor a JPEG file";
        var id = Guid.TryParse(message.UserProperties.FirstOrDefault(p => p.Key == "id").Value, out var guid) ? guid.ToString() : null;
        lock (_lock)
        {
            if (pictures != _pictures)
                return null;
            var picture = new PlantPicture(++_lastPicture, message.Payload, type);
            var e = PlantEvents.Picture(topic, id, picture.Number);
            if (!_memory.KeepPicture(topic, e, id, picture.Number))
                return $"want at most {PlantMemory.MaxStations} stations of at most {PlantMemory.MaxCameras} cameras";
            pictures.Add(picture);
            foreach (var watcher in _watchers.Where(w => w.Pictures))
                watcher.Offer(e);
        }

        return null;
    }

    private void Ignore(string topic, string why)
    {
        lock (_lock)
        {
            if (_ignored++ == 0)
                LogIgnored(_log, topic, why);
            _ignoredLast = $"{topic}: {why}";
        }
    }

    [LoggerMessage(730, LogLevel.Warning, "A message on {Topic} is not shown on the page of all stations: {Why}; more are counted there")]
    private static partial void LogIgnored(ILogger log, string topic, string why);
}
