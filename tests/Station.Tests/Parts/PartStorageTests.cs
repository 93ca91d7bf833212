using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Options;
using MrfAd.Station.Results;

namespace MrfAd.Station.Tests.Parts;

/// <summary>Parts on disk: what a kill leaves of them, and when they go.</summary>
public sealed class PartStorageTests : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    private readonly PartLab _lab = new PartLab(new PartsOptions { Views = [new() { Camera = "top" }, new() { Camera = "side" }], Within = Within }).Start();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_part_goes_on_over_a_kill_within_its_time()
    {
        _lab.See("top", "P-0");
        _lab.See("side", "P-0");
        var first = _lab.See("top", "P-1", Verdict.Ng);

        await _lab.RestartAsync(after: Within / 2);
        var second = _lab.See("side", "P-1");

        var part = Assert.Single(_lab.Judged).Message;
        Assert.Equal(("P-1", 2L, Verdict.Ng, first.Trigger.At), (part.Part, part.Seq, part.Verdict, part.TriggeredAt));
        Assert.Equal([first.Id, second.Id], part.Views.Select(v => v.VerdictId));
        Assert.Equal(["P-0", "P-1"], (await _lab.StoredAsync()).Select(p => p.Part));
    }

    [Fact]
    public async Task The_time_of_a_part_goes_on_over_a_kill()
    {
        _lab.See("top", "P-1");
        await _lab.RestartAsync(after: Within / 2);

        _lab.Clock.Advance((Within / 2) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_lab.Judged);
        _lab.Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("side", Assert.Single(Assert.Single(_lab.Judged).Message.Missing).Camera);
    }

    [Fact]
    public async Task A_part_whose_time_was_over_at_the_start_is_judged_then_published_as_historical_and_rejects_nothing()
    {
        _lab.See("top", "P-1");
        await _lab.RestartAsync(after: Within);

        Assert.Empty(_lab.Judged);
        Assert.True(_lab.See("side", "P-1").PartLate);
        await _lab.RestartAsync();
        await _lab.RestartAsync();
        var stored = Assert.Single(await _lab.StoredAsync());
        Assert.Equal((Verdict.Timeout, "side"), (stored.Verdict, Assert.Single(stored.Missing).Camera));
        Assert.Equal((stored.Id, 1L, true), Assert.Single((await SentAsync()).Select(p => (p.Id, p.Seq, p.Historical))));
    }

    [Fact]
    public async Task A_kill_between_the_last_view_and_the_verdict_of_the_part_costs_nothing()
    {
        // The verdicts are stored as views of an open part, and the station ends before it has judged that.
        foreach (var (camera, verdict) in ((string, Verdict)[])[("top", Verdict.Ok), ("side", Verdict.Ng)])
        {
            var message = Reporting.Messages.Ng with { Id = Guid.NewGuid(), Camera = camera, Seq = 1, Part = "P-1", Verdict = verdict, Trigger = Reporting.Messages.Ng.Trigger with { At = _lab.Clock.GetUtcNow() } };
            _lab.Outbox.AddVerdict(Reporting.Messages.Station.VerdictHeaders(message), message, "{}"u8.ToArray(), spots: null, isView: true);
        }

        await _lab.RestartAsync();
        await _lab.RestartAsync();

        var part = Assert.Single(await _lab.StoredAsync());
        Assert.Equal((Verdict.Ng, 2, 1L), (part.Verdict, part.Views.Count, part.Seq));
        Assert.Single(await SentAsync());
    }

    [Fact]
    public async Task A_trigger_that_a_kill_interrupted_is_a_view_of_its_part()
    {
        _lab.See("top", "P-1");
        var interrupted = _lab.Trigger("side", "P-1");

        await _lab.RestartAsync(after: 2 * Within);

        var part = Assert.Single(await _lab.StoredAsync());
        Assert.Equal((Verdict.Invalid, interrupted.Id, 0), (part.Verdict, part.Views[1].VerdictId, part.Missing.Count));
    }

    [Fact]
    public async Task A_part_is_written_with_all_of_its_views_or_after_them()
    {
        await _lab.Station.SavedAsync(_lab.Outbox);
        _lab.See("top", "P-1");
        await _lab.Station.Store.WriteAsync(connection =>
        {
            _lab.Outbox.Parts.Choose();
            // The last view and the part come while the verdicts are being written.
            _lab.See("side", "P-1");
            _lab.Outbox.Parts.Write(connection, isDue: false);
            Assert.Equal(0, connection.Number("SELECT count(*) FROM parts"));
        });

        var part = Assert.Single(await _lab.StoredAsync());
        Assert.Equal(
            part.Views.Select(v => (v.VerdictId, 1L)),
            _lab.Station.Store.Read(c => c.Read("SELECT v.id, v.part_number FROM parts p JOIN verdicts v ON v.part_number = p.number ORDER BY v.number", row => (row.GetGuid(0), row.GetInt64(1)))));
    }

    [Fact]
    public async Task A_part_goes_with_its_views()
    {
        foreach (var part in (string[])["P-1", "P-2"])
        {
            _lab.See("top", part);
            _lab.See("side", part);
        }

        await _lab.StoredAsync();
        await _lab.Station.Store.WriteAsync(connection =>
        {
            connection.Run("DELETE FROM verdicts WHERE part_number = 1");
            _lab.Outbox.Parts.Expire(connection)?.Invoke();
        });

        Assert.Equal("P-2", Assert.Single(await _lab.StoredAsync()).Part);
        Assert.Equal((1, 1L), (_lab.Outbox.Parts.Waiting, _lab.Outbox.Parts.TotalDropped));
        await _lab.RestartAsync();
        _lab.See("top", "P-3");
        _lab.See("side", "P-3");
        Assert.Equal(3, Assert.Single(_lab.Judged).Message.Seq);
    }

    [Fact]
    public async Task The_tables_go_back_and_forth_and_the_views_keep_what_their_messages_say()
    {
        _lab.See("top", "P-1");
        _lab.See("side", "P-1");
        await _lab.StoredAsync();
        var folder = _lab.Station.Store.Folder;
        _lab.Parts.End();
        _lab.Station.Close();

        StateVersion.TakeBack(folder, 3);
        _lab.Start();

        Assert.Null(_lab.Station.Store.Loss);
        Assert.Empty(await _lab.StoredAsync());
        Assert.Equal(2, _lab.Outbox.Verdicts.Waiting);
        _lab.See("top", "P-2");
        _lab.See("side", "P-2");
        Assert.Equal(2, Assert.Single(await _lab.StoredAsync()).Seq);
    }

    /// <summary>Ends the station, and sends what waits in the next run.</summary>
    private async Task<IReadOnlyList<PartMessage>> SentAsync()
    {
        await _lab.Station.SavedAsync(_lab.Outbox);
        _lab.Parts.End();
        _lab.Station.Close();
        _lab.Station.Link.Connect();
        var outbox = _lab.Station.Open(MrfAd.Station.Reporting.StationMessages.Write);
        outbox.Complete();
        await outbox.RunAsync(_lab.Station.Stop).WaitAsync(Outbox.OutboxLab.Timeout);
        return [.. _lab.Station.Link.Published.Where(m => m.Topic == "mrfad/v1/plant/line/s1/part").Select(m => JsonSerializer.Deserialize(m.Payload.Span, MessageJson.Default.PartMessage)!)];
    }
}
