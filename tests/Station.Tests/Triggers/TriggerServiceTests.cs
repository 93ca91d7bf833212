using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Capture;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Capture;
using MrfAd.Station.Tests.Outbox;
using MrfAd.Station.Triggers;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Triggers;

public sealed class TriggerServiceTests
{
    [Fact]
    public async Task An_id_that_is_judged_already_takes_no_second_image_and_its_verdict_goes_out_once_more()
    {
        await using var lab = new OutboxLab();
        var outbox = lab.Open();
        lab.Link.Connect();
        var running = outbox.RunAsync(lab.Stop);
        var triggers = new TriggerService(outbox, lab.Meter);
        var (camera, other) = (Camera(lab, "top"), Camera(lab, "side"));
        lab.Add(outbox, 1);
        await lab.UntilAsync(() => lab.Link.Published.Count == 1 && outbox.Verdicts.Waiting == 0, "the broker has the verdict of part-1");

        Assert.Null(triggers.Fire(camera, "part-1", "mqtt", sent: null, out var isRepeated));
        Assert.True(isRepeated);
        await lab.UntilAsync(() => lab.Link.Published.Count == 2, "it is sent once more");

        Assert.NotNull(triggers.Fire(other, "part-1", "http", sent: null, out isRepeated));
        Assert.False(isRepeated);
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task An_id_that_waits_for_its_verdict_takes_no_second_image()
    {
        await using var lab = new OutboxLab();
        var outbox = lab.Open();
        var triggers = new TriggerService(outbox, lab.Meter);
        var camera = Camera(lab, "top");
        using var repeated = new Counter(lab.Meter, "mrfad_triggers_repeated_total");

        Assert.NotNull(triggers.Fire(camera, "part-1", "http", sent: null, out var isRepeated));
        Assert.False(isRepeated);
        Assert.Equal(0, repeated.Sum);
        Assert.Null(triggers.Fire(camera, "part-1", "http", sent: null, out isRepeated));
        Assert.True(isRepeated);
        Assert.Equal(1, repeated.Sum);
        Assert.Equal(1, outbox.Verdicts.LastSeq("top"));
    }

    [Fact]
    public async Task A_trigger_without_an_id_is_never_a_repetition_and_has_its_verdict_s_id()
    {
        await using var lab = new OutboxLab();
        var triggers = new TriggerService(lab.Open(), lab.Meter);
        var camera = Camera(lab, "top");

        var first = triggers.Fire(camera, null, "gpio", sent: null, out var isRepeated);
        var second = triggers.Fire(camera, null, "gpio", sent: null, out _);

        Assert.False(isRepeated);
        Assert.Equal((1, 2, "gpio"), (first!.Seq, second!.Seq, first.Source));
        Assert.Equal(first.VerdictId.ToString(), first.Id);
    }

    [Fact]
    public async Task The_part_s_data_are_with_the_trigger_and_over_a_kill_in_the_verdict()
    {
        await using var lab = new OutboxLab();
        var part = new PartInfo("SN-17", PartMeta.Parse("""{"lot":"A7","weight_g":1.50}""")) { Id = "P-17" };

        var fired = new TriggerService(lab.Open(), lab.Meter).Fire(Camera(lab, "top"), "part-1", "http", sent: null, out _, part);
        lab.Kill();
        lab.Close();
        var verdict = VerdictMessages.Interrupted(Assert.Single(lab.Open().Interrupted), "s1");

        Assert.Equal(part, fired!.Part);
        Assert.Equal((part.Serial, part.Meta, Verdict.Invalid), (verdict.Serial, verdict.Meta, verdict.Verdict));
        Assert.Contains("\"serial\":\"SN-17\",\"part\":\"P-17\",\"part_late\":false,\"meta\":{\"lot\":\"A7\",\"weight_g\":1.50},", System.Text.Encoding.UTF8.GetString(StationMessages.Content(verdict)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "SN-17")]
    [InlineData(true, "P-17", "P-17")]
    [InlineData(false, null, null)]
    public async Task A_serial_number_is_the_part_s_id_where_the_station_says_so_and_none_came(bool serialIsPart, string? id, string? wanted)
    {
        await using var lab = new OutboxLab();
        var outbox = lab.Open();

        new TriggerService(outbox, lab.Meter, new PartsOptions { SerialIsPart = serialIsPart }).Fire(Camera(lab, "top"), "t", "http", sent: null, out _, PartInfo.Of("SN-17", null, id));

        Assert.Equal(wanted, Assert.Single(outbox.Verdicts.Pending).Part!.Id);
    }

    private static Camera Camera(OutboxLab lab, string name) =>
        new(new CameraOptions { Name = name }, _ => new FakeSource(), new PendingShots(lab.Clock), new FrameLimits(new(), new(long.MaxValue)), lab.Health, lab.Meter, lab.Clock, NullLogger<Camera>.Instance);

    [Fact]
    public async Task An_id_that_comes_over_two_ways_at_once_is_one_trigger()
    {
        const int Ids = 200, Ways = 4;
        var (clock, health) = (TimeProvider.System, new StationHealth(TimeProvider.System));
        using var folder = new TemporaryFolder();
        using var meter = new MrfAdMeter("0");
        await using var link = new MemoryBroker().Connect();
        using var store = new ResultsStore(folder.Path, clock);
        using var outbox = new StationOutbox(store, new OutboxOptions(), StationMessages.Write, new BrokerConnection(link, health), health, meter, clock, NullLogger<StationOutbox>.Instance);
        var camera = new Camera(new CameraOptions(), _ => new FakeSource(), new PendingShots(clock), new FrameLimits(new(), new(long.MaxValue)), health, meter, clock, NullLogger<Camera>.Instance);
        var triggers = new TriggerService(outbox, meter);
        using var together = new Barrier(Ways);
        var taken = new int[Ids];

        await Task.WhenAll(Enumerable.Range(0, Ways).Select(_ => Task.Factory.StartNew(Send, TaskCreationOptions.LongRunning)));

        Assert.All(taken, count => Assert.Equal(1, count));

        void Send()
        {
            for (var id = 0; id < Ids; id++)
            {
                together.SignalAndWait();
                if (triggers.Fire(camera, id.ToString(CultureInfo.InvariantCulture), "http", sent: null, out var _) is not null)
                    Interlocked.Increment(ref taken[id]);
            }
        }
    }
}
