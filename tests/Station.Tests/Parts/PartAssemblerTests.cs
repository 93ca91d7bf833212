using MrfAd.Contracts;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Parts;

public sealed class PartAssemblerTests : IAsyncDisposable
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(10);

    // The top looks once, the side twice.
    private readonly PartLab _lab = new PartLab(new PartsOptions { Views = [new() { Camera = "top" }, new() { Camera = "side", Looks = 2 }], Within = Within }).Start();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [InlineData(Verdict.Ok, Verdict.Ok, Verdict.Ok, Verdict.Ok)]
    [InlineData(Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng)]
    [InlineData(Verdict.Invalid, Verdict.Ok, Verdict.Ng, Verdict.Ng)]
    [InlineData(Verdict.Timeout, Verdict.Invalid, Verdict.Ok, Verdict.Invalid)]
    [InlineData(Verdict.Ok, Verdict.Ok, Verdict.Timeout, Verdict.Timeout)]
    [InlineData(Verdict.Collecting, Verdict.Ok, Verdict.Ok, Verdict.Collecting)]
    public void The_worst_view_is_the_verdict_of_the_part(Verdict top, Verdict first, Verdict second, Verdict wanted)
    {
        VerdictMessage[] views = [_lab.See("side", "P-1", first), _lab.See("top", "P-1", top)];
        Assert.Empty(_lab.Judged);

        views = [.. views, _lab.See("side", "P-1", second)];

        var part = Assert.Single(_lab.Judged).Message;
        Assert.Equal((wanted, "P-1", 1L, null), (part.Verdict, part.Part, part.Seq, part.Reason));
        Assert.Equal(views.Select(v => (v.Camera, v.Id, v.Seq, v.Verdict)), part.Views.Select(v => (v.Camera, v.VerdictId, v.Seq, v.Verdict)));
        Assert.Empty(part.Missing);
        Assert.All(views, view => Assert.Equal(("P-1", false), (view.Part, view.PartLate)));
    }

    [Theory]
    [InlineData(Verdict.Ok, Verdict.Timeout)]
    [InlineData(Verdict.Ng, Verdict.Ng)]
    [InlineData(Verdict.Collecting, Verdict.Timeout)]
    public void After_its_time_a_part_is_judged_and_the_missing_views_are_named(Verdict seen, Verdict wanted)
    {
        _lab.See("side", "P-1", seen);
        _lab.Clock.Advance(Within - TimeSpan.FromMilliseconds(1));
        Assert.Empty(_lab.Judged);

        _lab.Clock.Advance(TimeSpan.FromMilliseconds(1));

        var part = Assert.Single(_lab.Judged).Message;
        Assert.Equal((wanted, "missing after 10 s: top, side"), (part.Verdict, part.Reason));
        Assert.Equal([("top", 1), ("side", 1)], part.Missing.Select(m => (m.Camera, m.Looks)));
        Assert.Equal((_lab.Clock.GetUtcNow() - Within, _lab.Clock.GetUtcNow()), (part.TriggeredAt, part.JudgedAt));
    }

    [Fact]
    public void Several_looks_of_a_camera_that_are_missing_are_counted()
    {
        _lab.See("top", "P-1");
        _lab.Clock.Advance(Within);

        var part = Assert.Single(_lab.Judged).Message;
        Assert.Equal("missing after 10 s: side (2 looks)", part.Reason);
        Assert.Equal(("side", 2), Assert.Single(part.Missing.Select(m => (m.Camera, m.Looks))));
    }

    [Fact]
    public async Task Interleaved_parts_get_a_verdict_each_in_the_order_in_which_they_are_complete()
    {
        _lab.See("top", "P-1");
        _lab.See("top", "P-2");
        _lab.See("side", "P-1");
        _lab.See("side", "P-2", Verdict.Ng);
        _lab.See("side", "P-2");
        _lab.See("side", "P-1");

        Assert.Equal([("P-2", Verdict.Ng, 1L), ("P-1", Verdict.Ok, 2L)], _lab.Judged.Select(j => (j.Message.Part, j.Message.Verdict, j.Message.Seq)));
        Assert.Equal(_lab.Judged.Select(j => j.Message.Id), (await _lab.StoredAsync()).Select(p => p.Id));
    }

    [Fact]
    public async Task A_view_that_comes_after_its_part_was_judged_is_late_and_makes_no_second_verdict()
    {
        _lab.See("top", "P-1");
        _lab.Clock.Advance(Within);
        var late = _lab.See("side", "P-1", Verdict.Ng);
        await _lab.Station.SavedAsync(_lab.Outbox);
        VerdictMessage[] all = [late, _lab.See("side", "P-1", Verdict.Ng)];
        _lab.Clock.Advance(Within);

        Assert.All(all, view => Assert.Equal(("P-1", true), (view.Part, view.PartLate)));
        Assert.Equal(Verdict.Timeout, Assert.Single(await _lab.StoredAsync()).Verdict);
        Assert.Equal(3, _lab.Outbox.Verdicts.Waiting);

        // An id that was forgotten is that of a new part.
        _lab.Clock.Advance(new OutboxOptions().TriggerMemory);
        Assert.False(_lab.See("top", "P-1").PartLate);
    }

    [Fact]
    public void A_further_look_at_a_part_whose_other_views_are_missing_counts()
    {
        _lab.See("top", "P-1");
        _lab.See("top", "P-1", Verdict.Ng);
        _lab.See("side", "P-1");
        _lab.See("side", "P-1");

        var part = Assert.Single(_lab.Judged).Message;
        Assert.Equal((Verdict.Ng, 4), (part.Verdict, part.Views.Count));
    }

    [Fact]
    public async Task A_verdict_without_a_part_or_of_a_camera_that_is_no_view_stands_alone()
    {
        var (without, other) = (_lab.See("top", null), _lab.See("front", "P-1"));
        _lab.Clock.Advance(Within);

        Assert.Equal((null, "P-1", false), (without.Part, other.Part, other.PartLate));
        Assert.Empty(await _lab.StoredAsync());
    }

    [Fact]
    public void A_part_waits_for_the_verdict_of_a_trigger_that_came_in_time()
    {
        _lab.See("top", "P-1");
        _lab.See("side", "P-1");
        var slow = _lab.Trigger("side", "P-1");
        _lab.Clock.Advance(2 * Within);
        Assert.Empty(_lab.Judged);

        _lab.Judge(slow, Verdict.Ng);

        Assert.Equal((Verdict.Ng, 0), (Assert.Single(_lab.Judged).Message.Verdict, _lab.Judged[0].Message.Missing.Count));
    }

    [Fact]
    public void A_part_does_not_wait_for_a_trigger_that_came_too_late_or_is_for_another()
    {
        _lab.See("top", "P-1");
        var slow = _lab.Trigger("side", "P-1");
        _lab.Trigger("side", "P-2");
        _lab.Clock.Advance(Within + TimeSpan.FromSeconds(1));
        var late = _lab.Trigger("side", "P-1");

        _lab.Judge(slow);

        Assert.Equal(("side", 1), Assert.Single(Assert.Single(_lab.Judged).Message.Missing.Select(m => (m.Camera, m.Looks))));
        Assert.True(_lab.Judge(late).PartLate);
    }

    [Fact]
    public void The_time_counts_from_the_first_trigger_whichever_view_is_judged_first()
    {
        var first = _lab.Trigger("top", "P-1");
        var triggered = _lab.Clock.GetTimestamp();
        _lab.Clock.Advance(Within / 2);
        _lab.See("side", "P-1");
        _lab.Judge(first);

        _lab.Clock.Advance(Within / 2);

        var part = Assert.Single(_lab.Judged);
        Assert.Equal((first.At, triggered), (part.Message.TriggeredAt, part.Triggered));
    }

    [Fact]
    public async Task Serial_number_and_product_are_those_of_the_first_view_that_has_them()
    {
        _lab.See("top", "P-1");
        foreach (var (serial, product) in ((string, string)[])[("SN-1", "m6"), ("SN-2", "m8")])
            _lab.Add(MrfAd.Station.Reporting.VerdictMessages.Interrupted(_lab.Trigger("side", "P-1"), "s1") with { Serial = serial, Product = product }, _lab.Clock.GetTimestamp());

        var part = Assert.Single(await _lab.StoredAsync());
        Assert.Equal(("SN-1", "m6"), (part.Serial, part.Product));
    }
}
