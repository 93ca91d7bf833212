using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Capture;

/// <summary>The largest frame: of each camera by its detector, or as configured, for files, messages and cameras alike.</summary>
public sealed class FrameLimitsTests : IDisposable
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_camera_has_the_limits_of_its_detector_and_those_of_a_new_one_from_then_on()
    {
        var limits = new FrameLimits(new(), new(long.MaxValue));
        Assert.Equal(ImageLimits.Default, limits.Of("top"));

        limits.Learned("top", null, new LearnedSize("small", 640, 480, IsMixed: false, null).Limits);
        limits.Learned("side", null, new LearnedSize("large", 6000, 4000, IsMixed: false, null).Limits);
        Assert.Equal((1, 24), (limits.Of("top").MaxMegapixels, limits.Of("side").MaxMegapixels));
        limits.Learned("top", null, new LearnedSize("new", 2000, 1500, IsMixed: true, 6_000_000).Limits);
        Assert.Equal(12, limits.Of("top").MaxMegapixels);
    }

    [Fact]
    public void What_is_configured_goes_before_what_was_learned()
    {
        var learned = new LearnedSize("parts", 6000, 4000, IsMixed: false, null).Limits;
        Assert.Equal(learned, new ImageOptions().Over(learned));
        Assert.Equal((2.5, null), (Over(2.5, null).MaxMegapixels, Over(2.5, null).MaxMegabytes));
        Assert.Equal((24, 10), (Over(null, 10).MaxMegapixels, Over(null, 10).MaxMegabytes));
        Assert.Equal((100, 700), (Over(100, 700).MaxMegapixels, Over(100, 700).MaxMegabytes));

        ImageLimits Over(double? megapixels, double? mb) => new ImageOptions { MaxMegapixels = megapixels, MaxMb = mb }.Over(learned);
    }

    [Fact]
    public void Limits_of_nothing_are_refused_with_their_key()
    {
        File.WriteAllText(_folder.File("station.json"), """{ "images": { "max_megapixels": 0, "max_mb": 5000 } }""");
        var error = Assert.Throws<UsageException>(() => StationConfig.Load(_folder.File("station.json"), null, new System.Collections.Hashtable())).Message;
        Assert.Contains("images.max_megapixels: want more than 0, at most 2000, or null, got 0", error, StringComparison.Ordinal);
        Assert.Contains("images.max_mb: want more than 0, at most 2000, or null, got 5000", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frame_that_is_too_large_is_invalid_whether_it_comes_as_pixels_or_as_a_file()
    {
        var source = new FakeSource();
        // What a camera, a stream or a video gives is 32×24 pixels in colour.
        var shots = await ShotsAsync(new() { MaxMegapixels = 0.0005 }, new CameraOptions(), source, camera =>
        {
            source.Give(7);
            camera.Fire("pixels", "mqtt");
        });
        Assert.Equal("fake: an image of 32×24 pixels: want at most 0.0005 megapixels, got 0.000768 (images.max_megapixels)", shots.Failure?.Text);

        using var part = TestPart.Make(7);
        var file = ImageCodec.Encode(part, ImageFormat.Png);
        shots = await ShotsAsync(new() { MaxMegapixels = 0.0005 }, new CameraOptions { Source = "http:", Trigger = TriggerMode.Http }, source, camera => camera.Fire("file", "http", sent: new SentFrame(file, "upload")));
        Assert.Equal((NoFrameCause.Unreadable, "upload: PNG of 32×24 pixels: want at most 0.0005 megapixels, got 0.000768 (images.max_megapixels)"), (shots.Failure?.Cause, shots.Failure?.Text));
        shots = await ShotsAsync(new() { MaxMb = 0.002 }, new CameraOptions { Source = "http:", Trigger = TriggerMode.Http }, source, camera => camera.Fire("bytes", "http", sent: new SentFrame(file, "upload")));
        Assert.Contains("32×24 pixels of 3 bytes: want at most 0.002 MB", shots.Failure?.Text, StringComparison.Ordinal);
        shots = await ShotsAsync(new() { MaxMegapixels = 0.0008 }, new CameraOptions { Source = "http:", Trigger = TriggerMode.Http }, source, camera => camera.Fire("fits", "http", sent: new SentFrame(file, "upload")));
        Assert.Equal(7, (int)shots.Frame!.Image.Bytes[0]);
    }

    [Fact]
    public async Task A_folder_asks_for_the_limits_at_each_file()
    {
        TestPart.Write(_folder.File("1.png"), 1);
        TestPart.Write(_folder.File("2.png"), 2);
        var limits = new FrameLimits(new(), new(long.MaxValue));
        using var source = new FolderSource(_folder.Path, loop: false, () => limits.Of("top"), TimeProvider.System, _ => { });
        limits.Learned("top", null, new ImageLimits(0.0005));
        Assert.Contains("want at most 0.0005", (await Assert.ThrowsAsync<ImageFormatException>(async () => await source.NextAsync(CancellationToken.None))).Message, StringComparison.Ordinal);
        limits.Learned("top", null, ImageLimits.Default);
        var frame = await source.NextAsync(CancellationToken.None);
        using (frame!.Image)
            Assert.Equal("2.png", frame.Source);
    }

    [Fact]
    public async Task A_frame_for_which_there_is_no_memory_is_invalid_with_the_reason_until_there_is_room_again()
    {
        // A frame of 32×24 pixels in colour and its heatmap have 4,608 bytes.
        var (memory, health) = (new MemoryBudget(5000), new StationHealth(TimeProvider.System));
        health.Prepared();
        var source = new FakeSource();
        using (var first = await ShotsAsync(new(), new CameraOptions(), source, Fire, memory, health))
        {
            Assert.NotNull(first.Frame);
            Assert.Equal(4608, memory.Used(MemoryUse.Frames));

            using var second = await ShotsAsync(new(), new CameraOptions(), source, Fire, memory, health);
            Assert.Equal((null, NoFrameCause.MemoryFull), (second.Frame, second.Failure?.Cause));
            Assert.Contains("the memory budget is full: want 0 MB more, of 0 MB (memory.budget_mb) are used: models 0 MB, frames 0 MB", second.Failure!.Text, StringComparison.Ordinal);
        }

        Assert.Equal(0, memory.Used(MemoryUse.Frames));
        using var third = await ShotsAsync(new(), new CameraOptions(), source, Fire, memory, health);
        Assert.NotNull(third.Frame);

        void Fire(Camera camera)
        {
            source.Give(7);
            camera.Fire("part", "mqtt");
        }
    }

    [Fact]
    public async Task A_camera_without_memory_for_its_frames_makes_the_station_degraded_as_long_as_that_lasts()
    {
        var (memory, clock) = (new MemoryBudget(5000), new FakeClock());
        var (source, shots, health) = (new FakeSource(), new PendingShots(clock), new StationHealth(clock));
        health.Prepared();
        using var meter = new MrfAdMeter("0");
        using var stop = new CancellationTokenSource(WaitTimeout);
        var camera = new Camera(new CameraOptions { Name = "top", Deadline = WaitTimeout }, source.Open, shots, new FrameLimits(new(), memory), health, meter, clock, NullLogger<Camera>.Instance);
        var running = camera.RunAsync(stop.Token);
        shots.Open();
        await using var all = shots.ReadAllAsync().GetAsyncEnumerator(stop.Token);

        var first = await NextAsync();
        Assert.Equal(StationState.Ready, health.Current.State);
        var second = await NextAsync();
        Assert.NotNull(second.Failure);
        Assert.Equal((StationState.Degraded, true), (health.Current.State, health.Current.Reason?.StartsWith("frames of top: the memory budget is full", StringComparison.Ordinal)));
        first.Dispose();
        using var third = await NextAsync();
        clock.Advance(TransientProblem.OffDelay);
        Assert.Equal((StationState.Ready, null), (health.Current.State, health.Current.Reason));

        await stop.CancelAsync();
        await running.WaitAsync(WaitTimeout, CancellationToken.None);

        async Task<Shot> NextAsync()
        {
            source.Give(7);
            camera.Fire(null, "mqtt");
            Assert.True(await all.MoveNextAsync());
            return all.Current;
        }
    }

    private static async Task<Shot> ShotsAsync(ImageOptions images, CameraOptions options, FakeSource source, Action<Camera> fire, MemoryBudget? memory = null, StationHealth? health = null)
    {
        var clock = TimeProvider.System;
        var shots = new PendingShots(clock);
        health ??= new StationHealth(clock);
        using var meter = new MrfAdMeter("0");
        using var stop = new CancellationTokenSource();
        var camera = new Camera(options with { Deadline = WaitTimeout }, source.Open, shots, new FrameLimits(images, memory ?? new(long.MaxValue)), health, meter, clock, NullLogger<Camera>.Instance);
        var running = camera.RunAsync(stop.Token);
        shots.Open();
        fire(camera);
        using var timeout = new CancellationTokenSource(WaitTimeout);
        var shot = await shots.ReadAllAsync().FirstAsync(timeout.Token);
        await stop.CancelAsync();
        await running.WaitAsync(WaitTimeout);
        return shot;
    }
}
