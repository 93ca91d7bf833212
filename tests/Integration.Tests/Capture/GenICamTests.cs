using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.GenICam;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>Tests with Aravis' fake camera, of which a machine can run one at a time because of its fixed port.</summary>
[Collection(nameof(FakeGigECamera))]
public sealed class GenICamTests : IAsyncLifetime
{
    private static TimeSpan Timeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string?> _problems = [];
    private readonly ConcurrentDictionary<string, long> _mismatches = [];
    private FakeGigECamera _camera = null!;
    private int _askedAgain;

    public async ValueTask InitializeAsync() => _camera = await FakeGigECamera.StartedAsync();

    public async ValueTask DisposeAsync()
    {
        await _camera.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("Mono8", 1, PixelDepth.Eight)]
    [InlineData("Mono16", 1, PixelDepth.Sixteen)]
    [InlineData("RGB8", 3, PixelDepth.Eight)]
    [InlineData("BayerRG8", 3, PixelDepth.Eight)]
    public async Task A_triggered_frame_has_the_cameras_pattern_in_each_of_its_formats(string format, int channels, PixelDepth depth)
    {
        using var source = Open(new CameraProfile { PixelFormat = format, Region = new SensorRegion(0, 0, 256, 128) });

        var (first, second) = (await NextAsync(source), await NextAsync(source));

        using (first.Image)
        using (second.Image)
        {
            Assert.Equal((256, 128, channels, depth), (first.Image.Width, first.Image.Height, first.Image.Channels, first.Image.Depth));
            Assert.False(first.Image.Bytes.SequenceEqual(second.Image.Bytes), "the pattern moves from frame to frame");
            if (channels == 1)
                AssertDiagonal(first.Image);
        }

        AssertNoMismatch();
    }

    [Fact]
    public async Task A_mosaic_has_the_colours_of_the_same_frame_sent_as_colours()
    {
        const int width = 512, line = 10;
        var lines = new Dictionary<string, byte[]>();
        foreach (var format in (string[])["RGB8", "BayerRG8"])
        {
            using var source = Open(new CameraProfile { PixelFormat = format, Region = new SensorRegion(0, 0, width, 64) });
            using var image = (await NextAsync(source)).Image;
            lines[format] = image.Bytes.Slice(3 * width * line, 3 * width).ToArray();
        }

        // The colours move by one from frame to frame, modulo 255, so at some shift both lines are the same. In its BayerRG8 the fake camera sends
        // blue first, unlike the standard (SensorPixelsTests has the standard's order): red and blue are exchanged.
        int DifferenceAt(int shift) => Enumerable.Range(0, 3 * 255).Count(i => Math.Abs(lines["BayerRG8"][i] - lines["RGB8"][(3 * ((i / 3) + shift)) + 2 - (i % 3)]) > 16);
        Assert.InRange(Enumerable.Range(0, 255).Min(DifferenceAt), 0, 3 * 255 / 20);
        Assert.InRange(Enumerable.Range(0, 255).Max(DifferenceAt), 3 * 255 / 4, 3 * 255);
    }

    [Fact]
    public async Task Frames_of_a_free_running_camera_that_nobody_asked_for_are_counted()
    {
        using var source = Open(new CameraProfile { Region = new SensorRegion(0, 0, 64, 64) }, TriggerMode.FreeRun);
        (await NextAsync(source)).Image.Dispose();

        Frame next;
        do
        {
            // Some frames (25 a second) arrive without a request.
            await Task.Delay(200, TestContext.Current.CancellationToken);
            next = await NextAsync(source);
            next.Image.Dispose();
        }
        while (next.Skipped == 0);

        AssertNoMismatch();
    }

    [Fact]
    public async Task Each_frame_of_a_free_running_camera_is_delivered_where_every_one_is_wanted()
    {
        using var source = Open(new CameraProfile { PixelFormat = "Mono8", Region = new SensorRegion(0, 0, 64, 64) }, TriggerMode.FreeRun, Backpressure.Every);
        var brightness = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            var frame = await NextAsync(source);
            using (frame.Image)
                brightness.Add(frame.Image.Bytes[0]);
        }

        // The pattern moves on by one with each frame the camera takes.
        Assert.Equal(Enumerable.Range(0, 20).Select(i => (brightness[0] + i) % 255), brightness);
        AssertNoMismatch();
    }

    [Fact]
    public async Task A_free_running_camera_is_no_faster_than_its_frame_rate()
    {
        using var source = Open(new CameraProfile { Region = new SensorRegion(0, 0, 64, 64), FrameRate = 5 }, TriggerMode.FreeRun, Backpressure.Every);
        (await NextAsync(source)).Image.Dispose();

        var start = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 10; i++)
            (await NextAsync(source)).Image.Dispose();

        // The first frames may have been waiting; the camera's free rate of 25 frames a second would take 0.4 s.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(1), $"{TimeProvider.System.GetElapsedTime(start)}");
    }

    [Fact]
    public async Task A_camera_that_is_killed_is_reported_and_delivers_again_when_it_is_back()
    {
        using var source = Open(new CameraProfile { Region = new SensorRegion(0, 0, 64, 64) });
        (await NextAsync(source)).Image.Dispose();

        await _camera.KillAsync();
        using (var deadline = new CancellationTokenSource(TimeSpan.FromMilliseconds(300)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await source.NextAsync(deadline.Token));
        Assert.Contains(_problems, p => p?.StartsWith(_camera.Source, StringComparison.Ordinal) == true);
        _camera.Start();

        (await NextAsync(source)).Image.Dispose();
        Assert.Null(_problems.Last());
    }

    [Fact]
    public async Task A_free_running_camera_that_falls_silent_is_reported_and_delivers_again_when_it_goes_on()
    {
        using var source = Open(new CameraProfile { Region = new SensorRegion(0, 0, 64, 64) }, TriggerMode.FreeRun, stallAfter: TimeSpan.FromMilliseconds(300));
        (await NextAsync(source)).Image.Dispose();

        await _camera.FreezeAsync();
        await ProblemAsync("it has sent no frame for more than 0.3");

        await _camera.ThawAsync();
        (await NextAsync(source)).Image.Dispose();
        Assert.Null(_problems.Last());
    }

    [Fact]
    public async Task The_check_lists_the_camera_and_keeps_a_shot_of_it()
    {
        await GenICamDeviceIsThereAsync();

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--cameras", "--out", _folder.File("shots"));

        Assert.True(code == 0, output + errors);
        Assert.Contains(_camera.Source, output, StringComparison.Ordinal);
        using var shot = ImageCodec.Read(_folder.File($"shots/{_camera.Serial}.png"));
        Assert.True(shot is { Width: > 0, Height: > 0 });
    }

    [Theory]
    [InlineData(3, 0, "brightness")]
    [InlineData(200, 1, "sent no whole frame within 5 s: frame")]
    public async Task The_check_waits_for_a_whole_frame_of_a_camera_that_loses_packets(int lost, int wanted, string said)
    {
        await _camera.KillAsync();
        _camera.Start(lost);
        await GenICamDeviceIsThereAsync();

        var (code, output, errors) = await AgentProcess.RunAsync("check", "--cameras");

        Assert.True(code == wanted, output + errors);
        Assert.Contains(said, Regex.Replace(output, @"[│\s]+", " "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_is_not_there_is_named_with_those_that_are()
    {
        await GenICamDeviceIsThereAsync();

        var error = Assert.Throws<CameraLostException>(() => GenICamDevice.Find(SourceKind.GigE, "another"));

        Assert.Contains("'another'", error.Message, StringComparison.Ordinal);
        Assert.Contains(_camera.Serial, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_that_the_camera_refuses_is_named()
    {
        using var source = Open(new CameraProfile { PixelFormat = "Mono8Signed" });

        await ProblemAsync("set the pixel format Mono8Signed");
    }

    [Fact]
    public async Task A_frame_costs_one_copy_and_next_to_no_memory()
    {
        const int side = 1024, rounds = 10, frames = 4;
        using var source = Open(new CameraProfile { PixelFormat = "Mono8", Region = new SensorRegion(0, 0, side, side), PacketSize = 8000 });
        await TakeAsync(5);

        // Other tests in this process allocate too, so the minimum of some rounds counts.
        var min = long.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await TakeAsync(frames);
            min = Math.Min(min, (GC.GetTotalAllocatedBytes(precise: true) - before) / frames);
        }

        // Less than a sixteenth of the image: the pixels are copied from the driver's memory into pooled memory.
        Assert.InRange(min, 0, side * side / 16);

        async Task TakeAsync(int count)
        {
            while (count > 0)
            {
                try
                {
                    (await NextAsync(source)).Image.Dispose();
                    count--;
                }
                catch (NoFrameException e) when (e.Cause == NoFrameCause.Torn)
                {
                    // A busy machine loses packets even on loopback.
                }
            }
        }
    }

    private static Task GenICamDeviceIsThereAsync() => Poll.UntilAsync(() => GenICamDevice.Search().Count > 0, "the fake camera");

    private Task ProblemAsync(string text) => Poll.UntilAsync(() => _problems.Any(p => p?.Contains(text, StringComparison.Ordinal) == true), $"the problem '{text}'");

    /// <summary>The fake camera's grey pattern rises by one along each line and from line to line; it begins again after 254.</summary>
    private static void AssertDiagonal(Image image)
    {
        int At(int x, int y) => image.Depth == PixelDepth.Eight ? image.Bytes[(y * image.Width) + x] : image.Samples16[(y * image.Width) + x] >> 8;

        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
                Assert.Equal((At(0, 0) + x + y) % 255, At(x, y));
        }
    }

    private GenICamSource Open(CameraProfile profile, TriggerMode trigger = TriggerMode.Mqtt, Backpressure? policy = null, TimeSpan? stallAfter = null)
    {
        File.WriteAllText(_folder.File("profile.json"), System.Text.Json.JsonSerializer.Serialize(profile, StationJson.Options));
        return new GenICamSource(
            new CameraOptions { Source = _camera.Source, Trigger = trigger, Policy = policy, StallAfter = stallAfter, Profile = _folder.File("profile.json") },
            TimeProvider.System, _problems.Enqueue, (kind, count) => _mismatches.AddOrUpdate(kind, count, (_, before) => before + count));
    }

    /// <summary>Requests a frame as a station does: repeatedly, each time until a deadline. A frame consists of datagrams, of which a busy machine may lose one.</summary>
    private async Task<Frame> NextAsync(GenICamSource source)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        while (true)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token);
            deadline.CancelAfter(TimeSpan.FromSeconds(3));
            try
            {
                return (await source.NextAsync(deadline.Token))!;
            }
            catch (OperationCanceledException) when (!timeout.IsCancellationRequested)
            {
                _askedAgain++;
            }
        }
    }

    /// <summary>Asserts that no more mismatches were reported than frames were requested again.</summary>
    private void AssertNoMismatch() => Assert.InRange(_mismatches.Values.Sum(), 0, _askedAgain);
}
