using MrfAd.Station.Capture;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Capture;

/// <summary>Cameras that make their triggers themselves.</summary>
public sealed partial class CameraTests
{
    [Fact]
    public async Task An_interval_fires_at_each_tick_of_the_clock()
    {
        Start(new() { Trigger = TriggerMode.Interval, Interval = TimeSpan.FromSeconds(1) });
        _source.Give(1);
        _source.Give(2);
        _shots.Open();

        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var first = Assert.Single(await TakeAsync(1));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = Assert.Single(await TakeAsync(1));

        Assert.Equal(("interval", TimeSpan.FromSeconds(1)), (first.Trigger.Source, second.Trigger.At - first.Trigger.At));
    }

    [Fact]
    public async Task Free_run_takes_no_more_than_the_queue_holds_and_loses_nothing()
    {
        var camera = Start(new() { Trigger = TriggerMode.FreeRun, QueueLength = 2 });
        for (byte i = 1; i <= 5; i++)
            _source.Give(i);
        _shots.Open();

        await _source.TakenAsync(2);
        Assert.Equal(3, _source.Waiting);

        var shots = await TakeAsync(5);
        Assert.Equal([1, 2, 3, 4, 5], shots.Select(s => (int)s.Frame!.Image.Bytes[0]));
        Assert.All(shots, s => Assert.Equal("free_run", s.Trigger.Source));
        Assert.Equal(0, camera.Waiting);
    }

    [Fact]
    public async Task A_live_camera_of_which_every_frame_is_wanted_gives_each_a_verdict_also_where_the_queue_is_full()
    {
        _source.IsLive = true;
        _shots.Open();
        var camera = Start(new() { Trigger = TriggerMode.FreeRun, Policy = Backpressure.Every, QueueLength = 2 });
        for (byte i = 1; i <= 4; i++)
            _source.Give(i);
        await _source.TakenAsync(4);

        var shots = await TakeAsync(4);

        Assert.Equal([1, 2, 3, 4], shots.Select(s => s.Trigger.Seq));
        Assert.Equal([1, 2, null, null], shots.Select(s => (int?)s.Frame?.Image.Bytes[0]));
        Assert.Equal([null, null, NoFrameCause.QueueFull, NoFrameCause.QueueFull], shots.Select(s => s.Failure?.Cause));
        Assert.Equal(0, camera.Waiting);
    }

    [Fact]
    public async Task A_live_camera_of_which_the_latest_is_wanted_counts_what_was_overtaken()
    {
        _source.IsLive = true;
        Start(new() { Trigger = TriggerMode.FreeRun, QueueLength = 1 });
        _source.Give(1, skipped: 0);
        _source.Give(9, skipped: 7);
        using var heard = new Counter(_meter, "mrfad_frames_skipped_total");
        _shots.Open();

        Assert.Equal([1, 9], (await TakeAsync(2)).Select(s => (int)s.Frame!.Image.Bytes[0]));
        Assert.Equal(7, heard.Sum);
    }

    [Fact]
    public async Task A_frame_that_the_cameras_line_took_and_that_did_not_arrive_has_its_number_and_verdict()
    {
        _source.IsLive = true;
        _shots.Open();
        Start(new() { Source = "gige:", Trigger = TriggerMode.Line });
        _source.Give(1);
        _source.Give(new NoFrameException(NoFrameCause.Lost, "it did not arrive"));
        _source.Give(3);

        var shots = await TakeAsync(3);

        Assert.Equal([(1L, null), (2L, NoFrameCause.Lost), (3L, null)], shots.Select(s => (s.Trigger.Seq, s.Failure?.Cause)));
        Assert.All(shots, s => Assert.Equal("line", s.Trigger.Source));
    }
}
