using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Mqtt;

namespace MrfAd.Station.Dashboard;

/// <summary>
/// Feeds the pages of all stations with messages from the broker. It subscribes while a page is open, on connections of its own, so that no trigger and no
/// verdict of this station waits behind the messages of others. All memory that it uses is limited. Thread-safe.
/// </summary>
public sealed partial class PlantFeed : IAsyncDisposable
{
    /// <summary>The maximum number of pages at once.</summary>
    public const int MaxWatchers = 16;

    /// <summary>The time for which the subscriptions stay after the last page has been closed.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>The maximum size of a packet on these connections in bytes: a picture, with room for its topic and properties.</summary>
    public const int MaxPacketBytes = PlantPictures.MaxBytes + (64 * 1024);

    // A page that receives nothing for three times as long takes the connection for lost.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(4);

    // The size in bytes of a verdict with hundreds of regions.
    private const int MaxMessageBytes = 128 * 1024;

    private readonly Func<string, IMqttLink> _connect;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly List<PlantWatcher> _watchers = [];
    private readonly SharedLink _messageLink;
    private readonly SharedLink _pictureLink;

    // Replaced when the connection that fills them is closed, so that late messages of that connection are recognised and dropped.
    private PlantMemory _memory = new();
    private PlantPictures _pictures = new();
    private long _lastPicture;
    private bool? _isConnected;
    private string? _lossReason;
    private int _ignored;
    private string? _ignoredLast;

    /// <param name="connect">Creates a link that has not been started; its argument, "plant" or "plant-pictures", tells the connections apart.</param>
    public PlantFeed(Func<string, IMqttLink> connect, TimeProvider clock, ILogger log)
    {
        (_connect, _clock, _log) = (connect, clock, log);
        _messageLink = new SharedLink(OpenMessageLink, ResetMessages, Grace, clock);
        _pictureLink = new SharedLink(OpenPictureLink, ResetPictures, Grace, clock);
    }

    /// <summary>Adds a page.</summary>
    /// <param name="pictures">True where the page shows pictures as well.</param>
    /// <returns>The watcher, which is disposed when the page is closed; null where too many pages are open already.</returns>
    public PlantWatcher? Watch(bool pictures)
    {
        var watcher = new PlantWatcher(this, pictures);
        lock (_lock)
        {
            if (_watchers.Count >= MaxWatchers)
                return null;
            _watchers.Add(watcher);
        }

        _messageLink.Acquire();
        if (pictures)
            _pictureLink.Acquire();
        return watcher;
    }

    /// <returns>The picture; null where there is none with this number, or no longer.</returns>
    public PlantPicture? FindPicture(long number)
    {
        lock (_lock)
            return _pictures.Find(number);
    }

    public async ValueTask DisposeAsync()
    {
        await _messageLink.DisposeAsync();
        await _pictureLink.DisposeAsync();
    }

    /// <summary>Yields the events of a page for as long as they are read.</summary>
    internal async IAsyncEnumerable<PlantEvent> ReadAsync(PlantWatcher watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var alive = _clock.CreateTimer(_ => OfferLink(watcher), null, KeepAliveInterval, KeepAliveInterval);
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

        _messageLink.Release();
        if (watcher.Pictures)
            _pictureLink.Release();
    }

    private List<PlantEvent> Take(PlantWatcher watcher)
    {
        lock (_lock)
        {
            return watcher.Take(
                () => PlantEvents.Link(_isConnected, _lossReason, _ignored, _ignoredLast),
                lost => PlantEvents.Lost(lost, _memory.Stations),
                () => _memory.Snapshot(watcher.Pictures ? _pictures : null));
        }
    }

    private void OfferLink(PlantWatcher watcher)
    {
        lock (_lock)
            watcher.OfferLink();
    }

    private IMqttLink OpenMessageLink()
    {
        var (link, memory) = (_connect("plant"), _memory);
        link.ConnectionChanged += reason => OnConnectionChanged(memory, reason);
        Subscribe(link, PlantTopic.MessageFilters, (topic, message) => OnMessage(memory, topic, message));
        return link;
    }

    private IMqttLink OpenPictureLink()
    {
        var (link, pictures) = (_connect("plant-pictures"), _pictures);
        Subscribe(link, PlantTopic.PictureFilters, (topic, message) => OnPicture(pictures, topic, message));
        return link;
    }

    /// <summary>Messages are handled on the network thread; the pages, which may be slow, have queues of their own.</summary>
    private void Subscribe(IMqttLink link, IReadOnlyList<string> filters, Func<PlantTopic, MqttMessage, string?> handle)
    {
        foreach (var filter in filters)
        {
            link.Subscribe(filter, (_, _) => Task.CompletedTask, message =>
            {
                if (PlantTopic.Parse(message.Topic) is { } topic && handle(topic, message) is { } fault)
                    CountIgnored(message.Topic, fault);
                return false;
            });
        }
    }

    private void ResetMessages()
    {
        lock (_lock)
        {
            _memory = new PlantMemory();
            (_isConnected, _lossReason, _ignored, _ignoredLast) = (null, null, 0, null);
        }
    }

    private void ResetPictures()
    {
        lock (_lock)
            _pictures = new PlantPictures();
    }

    private void OnConnectionChanged(PlantMemory memory, string? reason)
    {
        lock (_lock)
        {
            if (memory != _memory)
                return;
            (_isConnected, _lossReason) = (reason is null, reason);
            foreach (var watcher in _watchers)
                watcher.OfferLink();
        }
    }

    /// <summary>Handles a message of a station other than a picture.</summary>
    /// <returns>The reason why the message cannot be shown; null where it is shown, or need not be.</returns>
    private string? OnMessage(PlantMemory memory, PlantTopic topic, MqttMessage message)
    {
        if (message.Payload.Length > MaxMessageBytes)
            return $"it has {message.Payload.Length} bytes, at most {MaxMessageBytes} are shown";
        var cleared = message.Payload.IsEmpty;
        if (cleared && topic.Kind == "verdict")
            return null;
        if (PlantEvents.Message(topic, message.Payload, out var id) is not { } e)
            return "it is no JSON object";
        lock (_lock)
        {
            if (memory != _memory)
                return null;
            if (cleared)
                memory.Remove(topic);
            else if (!memory.Keep(topic, e, id))
                return $"want at most {PlantMemory.MaxStations} stations of at most {PlantMemory.MaxCameras} cameras";
            foreach (var watcher in _watchers)
                watcher.Offer(e);
        }

        return null;
    }

    /// <summary>Handles a picture of a camera.</summary>
    /// <returns>The reason why the picture cannot be shown; null where it is shown, or need not be.</returns>
    private string? OnPicture(PlantPictures pictures, PlantTopic topic, MqttMessage message)
    {
        if (message.Payload.Length > PlantPictures.MaxBytes)
            return $"it has {message.Payload.Length} bytes, at most {PlantPictures.MaxBytes} are shown";
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

    private void CountIgnored(string topic, string why)
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
