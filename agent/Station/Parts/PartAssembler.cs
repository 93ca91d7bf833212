using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Parts;

/// <summary>
/// Makes one verdict of the verdicts that are views of one part: once all of its views are judged, or its time is over and no trigger that came within it still waits for
/// its verdict. The open parts are also in the database, as the views that have no part yet, so that a part gets exactly one verdict over a kill. Thread-safe.
/// </summary>
public sealed class PartAssembler : IDisposable
{
    private readonly PartsOptions _options;
    private readonly StationTopics _topics;
    private readonly StationOutbox _outbox;
    private readonly MrfAdMeter _meter;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, OpenPart> _open = new(StringComparer.Ordinal);
    private bool _isLive;
    private bool _hasEnded;

    public PartAssembler(PartsOptions options, StationTopics topics, StationOutbox outbox, MrfAdMeter meter, TimeProvider clock)
    {
        (_options, _topics, _outbox, _meter, _clock) = (options, topics, outbox, meter, clock);
        if (options.Views.Count > 0)
            meter.AddParts();
    }

    /// <summary>Raised for each part that is judged while the station runs, on the thread that found it complete or its time over; handlers must be quick. Not for parts whose time was over at the start.</summary>
    public event Action<JudgedPart>? Judged;

    /// <summary>Goes on with the parts that earlier runs left open, and judges those whose time is over. To be called before the verdicts of interrupted triggers are added.</summary>
    public void Open()
    {
        if (_options.Views.Count == 0)
            return;
        lock (_lock)
        {
            foreach (var stored in _outbox.Parts.OpenViews())
                PartOf(stored.Part).Add(stored.View, stored.Product, stored.Serial, _outbox.TimestampOf(stored.View.At));
            foreach (var part in _open.Values.ToArray())
                JudgeWhereDone(part);
        }
    }

    /// <summary>From here on judged parts are raised as <see cref="Judged"/>: the interrupted triggers have their verdicts.</summary>
    public void Begin()
    {
        lock (_lock)
            _isLive = true;
    }

    /// <summary>Adds a verdict, and judges its part where that is complete with it.</summary>
    /// <param name="triggered">The moment of its trigger on the clock's tick counter.</param>
    /// <param name="store">Puts the verdict into the outbox; the flag is true where it is a view of a part that is not judged yet.</param>
    /// <returns>The verdict as it was stored, marked where it is late for its part.</returns>
    public OutboxMessage Add(VerdictMessage verdict, long triggered, Func<VerdictMessage, bool, OutboxMessage> store)
    {
        if (verdict.Part is not { } id || !_options.IsView(verdict.Camera))
            return store(verdict, false);
        lock (_lock)
        {
            if (!_open.ContainsKey(id) && _outbox.Parts.IsJudged(id))
                return store(verdict with { PartLate = true }, false);
            var stored = store(verdict, true);
            var part = PartOf(id);
            var view = new PartView { Camera = verdict.Camera, VerdictId = verdict.Id, Seq = verdict.Seq, At = verdict.Trigger.At, Verdict = verdict.Verdict, Score = verdict.Score };
            part.Add(view, verdict.Product, verdict.Serial, triggered);
            JudgeWhereDone(part);
            return stored;
        }
    }

    /// <summary>Leaves the open parts to the next start; called before the outbox ends.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
            foreach (var part in _open.Values)
                part.Timer?.Dispose();
        }
    }

    public void Dispose() => End();

    private OpenPart PartOf(string id) => _open.TryGetValue(id, out var part) ? part : _open[id] = new OpenPart(id);

    private void JudgeWhereDone(OpenPart part)
    {
        var left = _options.Within - _clock.GetElapsedTime(part.Triggered);
        if (part.Missing(_options).Count == 0 || (left <= TimeSpan.Zero && !HasPending(part)))
            Judge(part);
        else if (left > TimeSpan.Zero && !_hasEnded)
            SetTimer(part, left);
    }

    /// <summary>Returns true while a trigger of the part that came in its time has no verdict yet: that verdict is added here, sooner or later.</summary>
    private bool HasPending(OpenPart part) =>
        _outbox.Verdicts.Pending.Any(trigger => trigger.Part?.Id == part.Id && trigger.At <= part.At + _options.Within && _options.IsView(trigger.Camera));

    private void SetTimer(OpenPart part, TimeSpan left)
    {
        // Timers truncate to whole milliseconds; rounded up, none fires early.
        var due = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
        if (part.Timer is { } timer)
            timer.Change(due, Timeout.InfiniteTimeSpan);
        else
            part.Timer = _clock.CreateTimer(_ => OnTimer(part), null, due, Timeout.InfiniteTimeSpan);
    }

    private void OnTimer(OpenPart part)
    {
        lock (_lock)
        {
            if (!_hasEnded && _open.GetValueOrDefault(part.Id) == part)
                JudgeWhereDone(part);
        }
    }

    private void Judge(OpenPart part)
    {
        _open.Remove(part.Id);
        part.Timer?.Dispose();
        var message = part.Judge(_options, _topics.Station, _outbox.Parts.LastSeq + 1, _clock.GetUtcNow());
        var headers = new MessageHeaders { Topic = _topics.Part, ContentType = "application/json", Camera = "", Seq = message.Seq, Id = message.Id, Trigger = "", At = message.TriggeredAt };
        _outbox.AddPart(headers, message, JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.PartMessage));
        _meter.PartJudged(message.Verdict.ToText());
        if (_isLive)
            Judged?.Invoke(new JudgedPart(message, part.Triggered));
    }
}
