using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Parts;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Tests.Outbox;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Parts;

/// <summary>A station that assembles parts on an outbox of its own; it can be killed and started again.</summary>
internal sealed class PartLab(PartsOptions options) : IAsyncDisposable
{
    private static readonly StationTopics Topics = new("plant", "line", "s1");

    private readonly Dictionary<string, long> _seqs = [];
    private readonly OutboxLab _lab = new();

    public FakeClock Clock => _lab.Clock;

    public OutboxLab Station => _lab;

    public StationOutbox Outbox { get; private set; } = null!;

    public PartAssembler Parts { get; private set; } = null!;

    /// <summary>The parts that were judged since the last start.</summary>
    public List<JudgedPart> Judged { get; } = [];

    /// <summary>Starts the station, with the verdicts of interrupted triggers.</summary>
    public PartLab Start()
    {
        Judged.Clear();
        Outbox = _lab.Open(StationMessages.Write);
        Parts = new PartAssembler(options, Topics, Outbox, _lab.Meter, Clock);
        Parts.Judged += Judged.Add;
        Parts.Open();
        foreach (var trigger in Outbox.Interrupted)
            Add(VerdictMessages.Interrupted(trigger, "s1"), Outbox.TimestampOf(trigger.At));
        Parts.Begin();
        return this;
    }

    /// <summary>Kills the station, whose files are those that were synced, and starts it again after a time.</summary>
    public async Task RestartAsync(TimeSpan after = default)
    {
        await _lab.SavedAsync(Outbox);
        _lab.Kill();
        Parts.End();
        _lab.Close();
        Clock.Advance(after);
        Start();
    }

    /// <summary>Accepts a trigger, whose verdict is still to come.</summary>
    public TriggerEntry Trigger(string camera, string? part)
    {
        var seq = _seqs[camera] = _seqs.GetValueOrDefault(camera) + 1;
        var trigger = new TriggerEntry(Guid.NewGuid(), seq, camera, $"{camera}-{seq}", "mqtt", Clock.GetUtcNow()) { Part = PartInfo.Of(null, null, part) };
        Outbox.Add(trigger);
        return trigger;
    }

    /// <summary>Adds the verdict of a trigger that came so long ago.</summary>
    public VerdictMessage Judge(TriggerEntry trigger, Verdict verdict = Verdict.Ok) => Add(VerdictMessages.Interrupted(trigger, "s1") with { Verdict = verdict }, Outbox.TimestampOf(trigger.At));

    /// <summary>Accepts a trigger and adds its verdict at once.</summary>
    public VerdictMessage See(string camera, string? part, Verdict verdict = Verdict.Ok) => Judge(Trigger(camera, part), verdict);

    public VerdictMessage Add(VerdictMessage verdict, long triggered) => Parts.Add(
        verdict, triggered,
        (marked, isView) => Outbox.AddVerdict(new StationMessages(Topics, "0").VerdictHeaders(marked), marked, StationMessages.Content(marked), spots: null, isView)).Verdict!;

    /// <returns>The verdicts of parts in the database, in order.</returns>
    public async Task<IReadOnlyList<PartMessage>> StoredAsync()
    {
        await _lab.SavedAsync(Outbox);
        return _lab.Store.Read(c => c.Read("SELECT message FROM parts ORDER BY number", row => JsonSerializer.Deserialize(row.GetString(0), MessageJson.Default.PartMessage)!));
    }

    public ValueTask DisposeAsync()
    {
        Parts.Dispose();
        return _lab.DisposeAsync();
    }
}
