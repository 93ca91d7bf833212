using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>
/// Keeps the quality record as the contract says: de-duplicates by id, and asks for what is missing between two sequence numbers. A broker that is killed
/// loses what it has acknowledged and not yet written; nobody but the receiver can see that.
/// </summary>
public sealed class SoakListener : IAsyncDisposable
{
    private static readonly TimeSpan GapPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly IMqttLink _link;
    private readonly StationTopics _topics;
    private readonly string _camera;
    private readonly TimeProvider _clock;
    private readonly Dictionary<Guid, VerdictMessage> _verdicts = [];
    private readonly Dictionary<string, Guid> _byTrigger = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Guid> _bySeq = [];
    private readonly HashSet<long> _askedSeqs = [];
    private readonly HashSet<string> _askedTriggers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _highest;
    private long _complete;

    /// <param name="link">Not yet started; taken over.</param>
    public SoakListener(IMqttLink link, StationTopics topics, string camera, TimeProvider clock)
    {
        (_link, _topics, _camera, _clock) = (link, topics, camera, clock);
        link.Subscribe(topics.Verdict(camera), Hear);
        link.Subscribe(topics.State, HearState);
        link.Start();
    }

    /// <summary>Raised for each verdict that was not heard before.</summary>
    public event Action<VerdictMessage>? Heard;

    /// <summary>Completes when the station takes triggers.</summary>
    public Task Ready => _ready.Task;

    public int Messages { get; private set; }

    public int Historical { get; private set; }

    /// <summary>Came after one with a higher number although nobody had asked for it.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Another verdict for a trigger, or for a number, that had one.</summary>
    public int Contradictions { get; private set; }

    public int Replays { get; private set; }

    /// <summary>Verdicts that were missing when a replay was asked for.</summary>
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

    /// <summary>This trigger is sent again: its verdict may come out of order.</summary>
    public void Asked(string trigger)
    {
        lock (_lock)
            _askedTriggers.Add(trigger);
    }

    /// <summary>Until cancelled: asks for gaps that do not close by themselves.</summary>
    public async Task CloseGapsAsync(CancellationToken cancellationToken)
    {
        var before = (0L, 0L);
        while (true)
        {
            await Task.Delay(GapPatience, _clock, cancellationToken);
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
            // It is asked for again.
        }
    }

    private Task HearState(MqttMessage message, CancellationToken cancellationToken)
    {
        if (JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StationStateMessage)!.State is StationState.Ready)
            _ready.TrySetResult();
        return Task.CompletedTask;
    }

    private Task Hear(MqttMessage message, CancellationToken cancellationToken)
    {
        var verdict = JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.VerdictMessage)!;
        lock (_lock)
        {
            Messages++;
            if (!_verdicts.TryAdd(verdict.Id, verdict))
                return Task.CompletedTask;
            Historical += verdict.Historical ? 1 : 0;
            Contradictions += _byTrigger.TryAdd(verdict.Trigger.Id, verdict.Id) && _bySeq.TryAdd(verdict.Seq, verdict.Id) ? 0 : 1;
            OutOfOrder += verdict.Seq < _highest && !_askedSeqs.Contains(verdict.Seq) && !_askedTriggers.Contains(verdict.Trigger.Id) ? 1 : 0;
            _highest = Math.Max(_highest, verdict.Seq);
        }

        Heard?.Invoke(verdict);
        return Task.CompletedTask;
    }
}
