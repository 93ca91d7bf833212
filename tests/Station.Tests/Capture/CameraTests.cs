using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Products;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Capture;

public sealed partial class CameraTests : IAsyncDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly FakeClock _clock = new();
    private readonly PendingShots _shots;
    private readonly FakeSource _source = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly StationHealth _health;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    public CameraTests() => (_health, _shots) = (new StationHealth(_clock), new PendingShots(_clock));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Each_trigger_has_the_next_number_and_the_next_frame()
    {
        var camera = Start(new());
        _shots.Open();
        _source.Give(1);
        _source.Give(2);

        var first = camera.Fire("part-1", "mqtt");
        var second = camera.Fire(null, "mqtt");

        var shots = await TakeAsync(2);
        Assert.Equal([(1L, "part-1", 1), (2L, second!.VerdictId.ToString(), 2)], shots.Select(s => (s.Trigger.Seq, s.Trigger.Id, (int)s.Frame!.Image.Bytes[0])));
        Assert.NotEqual(first!.VerdictId, second.VerdictId);
    }

    [Fact]
    public async Task The_product_is_fixed_with_the_trigger_and_an_unknown_one_takes_no_frame()
    {
        using var folder = new TemporaryFolder();
        var products = new ActiveProducts(new StationOptions { StateFolder = folder.Path, Products = [new() { Name = "m6", Bank = "a" }, new() { Name = "m8", Bank = "b" }], Cameras = [new()] });
        var camera = Start(new() { QueueLength = 1 });
        camera.Products = products;
        _shots.Open();

        // The camera has no frame for the first one yet: it is still that of the product at its trigger.
        var before = camera.Fire("before", "mqtt");
        products.Set("m8", ["camera1"], "test", _clock.GetUtcNow());
        var unknown = camera.Fire("unknown", "mqtt", product: "m10");
        Assert.Equal(NoFrameCause.UnknownProduct, unknown!.Refusal!.Cause);
        _source.Give(1);

        var shots = await TakeAsync(2);
        Assert.Equal([("m6", null), (null, "there is no product 'm10'; there are m6, m8")], shots.Select(s => (s.Trigger.Product, s.Failure?.Text)));
        Assert.Equal("m6", before!.Product);
        Assert.Equal(("m8", "m6"), (camera.Fire(null, "mqtt")!.Product, camera.Fire(null, "mqtt", product: "m6")!.Product));
    }

    [Fact]
    public async Task A_trigger_that_finds_the_queue_full_keeps_its_place_without_a_frame()
    {
        var camera = Start(new() { QueueLength = 2 });
        _shots.Open();
        _source.Give(1);
        _source.Give(2);

        for (var i = 0; i < 4; i++)
            camera.Fire(null, "mqtt");
        Assert.Equal(2, camera.Waiting);

        var shots = await TakeAsync(4);
        Assert.Equal([1, 2, 3, 4], shots.Select(s => s.Trigger.Seq));
        Assert.Equal([null, null, NoFrameCause.QueueFull, NoFrameCause.QueueFull], shots.Select(s => s.Failure?.Cause));
        Assert.Equal(0, camera.Waiting);
    }

    [Fact]
    public async Task A_place_is_free_again_when_its_shot_is_taken()
    {
        var camera = Start(new() { QueueLength = 1 });
        _shots.Open();
        _source.Give(1);
        _source.Give(2);
        await using var taken = _shots.ReadAllAsync().GetAsyncEnumerator();

        camera.Fire(null, "mqtt");
        Assert.True(await taken.MoveNextAsync());
        camera.Fire(null, "mqtt");
        Assert.True(await taken.MoveNextAsync());

        Assert.Null(taken.Current.Failure);
    }

    [Fact]
    public async Task A_trigger_without_a_frame_before_the_deadline_times_out_and_says_why()
    {
        var camera = Start(new() { Deadline = TimeSpan.FromSeconds(2) });
        _shots.Open();
        _source.Problem("no cable");
        camera.Fire(null, "mqtt");

        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));

        var shot = Assert.Single(await TakeAsync(1));
        Assert.Equal(new NoFrame(NoFrameCause.Deadline, "no frame within 2 s: no cable"), shot.Failure);
        Assert.Contains("camera1: no cable", _health.Current.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deadline_counts_from_the_trigger_not_from_its_turn()
    {
        var camera = Start(new() { Deadline = TimeSpan.FromSeconds(2) });
        _shots.Open();
        camera.Fire(null, "mqtt");
        camera.Fire(null, "mqtt");

        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));

        // When the turn of the second trigger comes, its deadline is over too, so that there is no further wait.
        Assert.All(await TakeAsync(2), shot => Assert.Equal(NoFrameCause.Deadline, shot.Failure?.Cause));
    }

    [Fact]
    public async Task A_trigger_while_the_detector_loads_gets_no_frame_but_its_place()
    {
        var camera = Start(new());

        camera.Fire(null, "mqtt");

        Assert.Equal(NoFrameCause.NotReady, Assert.Single(await TakeAsync(1)).Failure?.Cause);
    }

    [Fact]
    public async Task An_unreadable_frame_and_the_end_of_the_source_are_told_apart()
    {
        var camera = Start(new() { Source = "folder:/parts" });
        _shots.Open();
        _source.Give(new ImageFormatException("7.png: cut off"));
        _source.End();

        camera.Fire(null, "mqtt");
        camera.Fire(null, "mqtt");

        var shots = await TakeAsync(2);
        Assert.Equal(
            [new NoFrame(NoFrameCause.Unreadable, "7.png: cut off"), new NoFrame(NoFrameCause.SourceEnded, "folder:/parts has no more frames")],
            shots.Select(s => s.Failure!));
    }

    [Fact]
    public async Task A_trigger_that_waits_for_its_frame_when_the_station_stops_is_told_so()
    {
        var camera = Start(new());
        _shots.Open();
        camera.Fire(null, "mqtt");
        await _clock.TimerArmedAsync();

        await StopAsync();

        Assert.Equal(NoFrameCause.Stopping, Assert.Single(await TakeAsync(1)).Failure?.Cause);
        Assert.Null(camera.Fire(null, "mqtt"));
    }

    [Fact]
    public async Task A_frame_that_comes_with_its_trigger_is_that_triggers_and_one_that_is_none_is_told()
    {
        var camera = Start(new() { Source = "http:", Trigger = TriggerMode.Http });
        _shots.Open();
        using var part = TestPart.Make(77);

        camera.Fire("a", "http", sent: new SentFrame(ImageCodec.Encode(part, ImageFormat.Png), "upload"));
        camera.Fire("b", "http", sent: new SentFrame("no picture"u8.ToArray(), "upload"));

        var shots = await TakeAsync(2);
        Assert.Equal(("a", 77), (shots[0].Trigger.Id, (int)shots[0].Frame!.Image.Bytes[0]));
        Assert.Equal(("b", NoFrameCause.Unreadable), (shots[1].Trigger.Id, shots[1].Failure?.Cause));
    }

    [Fact]
    public async Task A_part_that_passed_while_the_detector_loaded_is_not_judged_when_it_is_gone()
    {
        _source.IsLive = true;
        Start(new() { Source = "gige:", Trigger = TriggerMode.Line });
        _source.Give(1);
        var before = Assert.Single(await TakeAsync(1));
        _shots.Open();
        _source.Give(2);
        var after = Assert.Single(await TakeAsync(1));

        Assert.Equal((1L, NoFrameCause.NotReady, false), (before.Trigger.Seq, before.Failure?.Cause, before.Frame is not null));
        Assert.Equal((2L, null), (after.Trigger.Seq, after.Failure));
    }

    [Fact]
    public async Task A_picture_asked_of_a_camera_that_is_sent_its_frames_holds_up_none_of_them()
    {
        var camera = Start(new() { Source = "http:", Trigger = TriggerMode.Http });
        _shots.Open();
        using var part = TestPart.Make(77);

        var picture = camera.SnapshotAsync(CancellationToken.None);
        camera.Fire("a", "http", sent: new SentFrame(ImageCodec.Encode(part, ImageFormat.Png), "upload"));

        Assert.Equal("a", Assert.Single(await TakeAsync(1)).Trigger.Id);
        Assert.Contains("sent", (await Assert.ThrowsAsync<IOException>(() => picture.WaitAsync(WaitTimeout))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_camera_that_is_well_is_not_said_to_be_lost_however_the_two_news_cross()
    {
        const int Times = 10_000;
        Start(new());
        using var together = new Barrier(2);
        var (stuck, isOver) = (0, false);
        var lost = new Thread(() =>
        {
            for (var i = 0; i < Times; i++)
            {
                together.SignalAndWait();
                _source.Problem("no cable");
                together.SignalAndWait();
            }
        });
        // Other cameras report changes of their own.
        var others = new Thread(() =>
        {
            for (var i = 0; !Volatile.Read(ref isOver); i++)
                _health.Set("broker", i % 2 == 0 ? "away" : null);
        });
        lost.Start();
        others.Start();
        for (var i = 0; i < Times; i++)
        {
            together.SignalAndWait();
            _source.Problem(null);
            together.SignalAndWait();
            _source.Problem(null);
            stuck += _health.Current.Reason?.Contains("no cable", StringComparison.Ordinal) == true ? 1 : 0;
        }

        Volatile.Write(ref isOver, true);
        lost.Join();
        others.Join();
        Assert.Equal(0, stuck);
    }

    private Camera Start(CameraOptions options)
    {
        var camera = new Camera(options, _source.Open, _shots, new FrameLimits(new(), new(long.MaxValue)), _health, _meter, _clock, NullLogger<Camera>.Instance);
        _health.Prepared();
        _running = camera.RunAsync(_stop.Token);
        _source.WaitOpened();
        return camera;
    }

    private async Task<IReadOnlyList<Shot>> TakeAsync(int count)
    {
        using var timeout = new CancellationTokenSource(WaitTimeout);
        return await _shots.ReadAllAsync().Take(count).ToListAsync(timeout.Token);
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(WaitTimeout);
    }
}
