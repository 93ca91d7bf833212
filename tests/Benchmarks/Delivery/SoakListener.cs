using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>
/// Keeps the quality record as documented: de-duplicates by id, and requests a replay of missing sequence numbers. A broker that is killed
/// loses messages that it has acknowledged but not written yet; only the receiver can notice that.
/// </summary>
public sealed class SoakListener : IAsyncDisposable
{
    private static readonly TimeSpan GapInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly string _camera;
    private readonly TimeProvider _clock;
    private readonly Dictionary<Guid, VerdictMessage> _verdicts = [];
    private readonly Dictionary<string, Guid> _byTrigger = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Guid> _bySeq = [];
    private readonly HashSet<long> _askedSeqs = [];
    private readonly List<string> _outOfOrder = [];
    private readonly HashSet<string> _askedTriggers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _highest;
    private long _complete;

    /// <param name="link">A link that is not started yet; this object disposes of it.</param>
    public SoakListener(IMqttLink link, StationTopics topics, string camera, TimeProvider clock)
    {
        (_link, _topics, _camera, _clock) = (link, topics, camera, clock);
        link.Subscribe(topics.Verdict(camera), OnVerdict);
        link.Subscribe(topics.State, OnState);
        link.Start();
    }

    /// <summary>Raised for each new verdict.</summary>
    public event Action<VerdictMessage>? VerdictReceived;

    /// <summary>Completes when the station accepts triggers.</summary>
    public Task Ready => _ready.Task;

    public int Messages { get; private set; }

    public int Historical { get; private set; }

    /// <summary>The verdicts that arrived after one with a higher number without being requested.</summary>
    public IReadOnlyList<string> OutOfOrder
    {
        get
        {
            lock (_lock)
                return [.. _outOfOrder];
        }
    }

    /// <summary>Number of verdicts for a trigger or a sequence number that already had another.</summary>
    public int Contradictions { get; private set; }

    public int Replays { get; private set; }

    /// <summary>Number of verdicts that were missing when a replay was requested.</summary>
    public int ReplayedSeqs
    {
        get
        {
            lock (_lock)
                return _askedSeqs.Count;
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _verdicts.Count;
        }
    }

    public IReadOnlyList<VerdictMessage> Verdicts
    {
        get
        {
            lock (_lock)
                return [.. _verdicts.Values];
        }
    }

    public bool Has(string trigger)
    {
        lock (_lock)
            return _byTrigger.ContainsKey(trigger);
    }

    /// <summary>Notes that a trigger is sent again, so that its verdict may arrive out of order.</summary>
    public void Asked(string trigger)
    {
        lock (_lock)
            _askedTriggers.Add(trigger);
    }

    /// <summary>Requests replays of gaps that do not close by themselves, until cancelled.</summary>
    public async Task CloseGapsAsync(CancellationToken cancellationToken)
    {
        var before = (0L, 0L);
        while (true)
        {
            await Task.Delay(GapInterval, _clock, cancellationToken);
            var gap = Gap();
            if (gap is { } missing && missing == before)
                await AskAsync(missing, cancellationToken);
            before = gap ?? (0, 0);
        }
    }

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private (long From, long To)? Gap()
    {
        lock (_lock)
        {
            while (_bySeq.ContainsKey(_complete + 1))
                _complete++;
            if (_complete >= _highest)
                return null;
            var to = _complete + 1;
            while (!_bySeq.ContainsKey(to + 1))
                to++;
            return (_complete + 1, to);
        }
    }

    private async Task AskAsync((long From, long To) missing, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            for (var seq = missing.From; seq <= missing.To; seq++)
                _askedSeqs.Add(seq);
        }

        var command = JsonSerializer.SerializeToUtf8Bytes(new ReplayCommand { Camera = _camera, FromSeq = missing.From, ToSeq = missing.To }, MessageJson.Default.ReplayCommand);
        try
        {
            await _link.PublishAsync(new MqttMessage(_topics.Command("replay"), command), cancellationToken);
            Replays++;
        }
        catch (MqttLinkException)
        {
            // The next round requests it again.
        }
    }

    private Task OnState(MqttMessage message, CancellationToken cancellationToken)
    {
        if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StationStateMessage)!.State is StationState.Ready)
            _ready.TrySetResult();
        return Task.CompletedTask;
    }

    private Task OnVerdict(MqttMessage message, CancellationToken cancellationToken)
    {
        var verdict = JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.VerdictMessage)!;
        lock (_lock)
        {
            Messages++;
            if (!_verdicts.TryAdd(verdict.Id, verdict))
                return Task.CompletedTask;
            Historical += verdict.Historical ? 1 : 0;
            Contradictions += _byTrigger.TryAdd(verdict.Trigger.Id, verdict.Id) && _bySeq.TryAdd(verdict.Seq, verdict.Id) ? 0 : 1;
            if (verdict.Seq < _highest && !_askedSeqs.Contains(verdict.Seq) && !_askedTriggers.Contains(verdict.Trigger.Id))
                _outOfOrder.Add($"{verdict.Seq} ({verdict.Trigger.Id}) after {_highest}");
            _highest = Math.Max(_highest, verdict.Seq);
        }

        VerdictReceived?.Invoke(verdict);
        return Task.CompletedTask;
    }
}
