using MrfAd.Cli.Collecting;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Collecting;

public sealed class CollectorTests : IDisposable
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _told = [];

    private string Good => _folder.File("good");

    public CollectorTests() => Directory.CreateDirectory(_folder.File("parts"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_ends_with_the_count_of_good_pictures()
    {
        WriteParts(100, 101, 102, 103, 104, 30, 105, 106);

        Assert.Null(await CollectAsync(Options(CollectTrigger.FreeRun) with { Count = 6 }));
        Assert.Equal(6, Directory.GetFiles(Good).Length);
        Assert.Single(Directory.GetFiles(_folder.File("flagged")));
    }

    [Fact]
    public async Task Where_the_source_ends_before_that_it_says_so()
    {
        WriteParts(100, 101);

        Assert.Equal($"folder:{_folder.File("parts")} has no more frames", await CollectAsync(Options(CollectTrigger.FreeRun) with { Count = 3 }));
        Assert.Equal(2, Directory.GetFiles(Good).Length);
    }

    [Fact]
    public async Task Each_line_of_the_input_takes_one_picture()
    {
        WriteParts(100, 101, 102);

        var ended = await CollectAsync(Options(CollectTrigger.Key), requests => requests.FireByLineAsync(new StringReader("\n\n"), TestContext.Current.CancellationToken));
        Assert.Equal("there are no more triggers", ended);
        Assert.Equal(2, Directory.GetFiles(Good).Length);
    }

    [Fact]
    public async Task An_input_that_gives_nothing_holds_up_nothing()
    {
        using var input = new SilentReader();
        using var stop = new CancellationTokenSource();
        var progress = new CollectProgress(Options(CollectTrigger.Key), new CollectFolder(Good, Clock), "");

        var firing = new PictureRequests(progress, Clock).FireByLineAsync(input, stop.Token);
        Assert.False(firing.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => firing.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_timer_takes_the_first_picture_at_once_and_one_at_each_tick()
    {
        WriteParts(100, 101, 102);

        Assert.Null(await CollectAsync(
            Options(CollectTrigger.Interval) with { Count = 3 }, requests => requests.RunAsync(() => requests.FireByClockAsync(TimeSpan.FromMilliseconds(5), default), default)));
        Assert.Equal(3, Directory.GetFiles(Good).Length);
    }

    [Fact]
    public async Task An_error_of_what_triggers_ends_it()
    {
        WriteParts(100);

        var error = await Assert.ThrowsAsync<IOException>(() => CollectAsync(Options(CollectTrigger.Gpio), requests => requests.RunAsync(() => throw new IOException("no such line"), default)));
        Assert.Equal("no such line", error.Message);
    }

    [Fact]
    public async Task An_image_that_was_sent_is_answered_and_a_damaged_one_costs_nothing_else()
    {
        using var image = TestPart.Make(100);
        var (good, bad) = (Request(ImageCodec.Encode(image, ImageFormat.Png)), Request("no image"u8.ToArray()));

        Assert.Null(await CollectAsync(Options(CollectTrigger.Http, "http:") with { Count = 1 }, requests =>
        {
            requests.Fire(bad);
            requests.Fire(good);
            return Task.CompletedTask;
        }));
        Assert.Equal((await good.Reply!.Task).Path, Assert.Single(Directory.GetFiles(Good)));
        await Assert.ThrowsAsync<IOException>(() => bad.Reply!.Task);
        Assert.StartsWith("no picture: upload", Assert.Single(_told, told => !told.StartsWith("ready: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_on_the_topic_is_a_picture()
    {
        var broker = new MemoryBroker();
        using var image = TestPart.Make(100);
        var png = ImageCodec.Encode(image, ImageFormat.Png);

        Assert.Null(await CollectAsync(Options(CollectTrigger.Mqtt, "mqtt:line/image") with { Count = 1 }, async requests =>
        {
            var (camera, link) = (broker.Connect(), broker.Connect());
            requests.Subscribe(link, "line/image", null);
            link.Start();
            camera.Start();
            await camera.PublishAsync(new("line/image", png), TestContext.Current.CancellationToken);
        }));
        Assert.Single(Directory.GetFiles(Good));
    }

    [Fact]
    public async Task A_trigger_of_the_station_takes_a_picture_and_one_that_cannot_be_read_none()
    {
        WriteParts(100, 101);
        var broker = new MemoryBroker();

        Assert.Null(await CollectAsync(Options(CollectTrigger.Mqtt) with { Count = 1, TriggerTopic = "trigger" }, async requests =>
        {
            var (line, link) = (broker.Connect(), broker.Connect());
            requests.Subscribe(link, null, "trigger");
            link.Start();
            line.Start();
            await line.PublishAsync(new("trigger", "{\"id\":"u8.ToArray()), TestContext.Current.CancellationToken);
            await line.PublishAsync(new("trigger", Array.Empty<byte>()), TestContext.Current.CancellationToken);
        }));
        Assert.StartsWith("a trigger on trigger cannot be read", Assert.Single(_told, told => !told.StartsWith("ready: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_camera_that_cannot_be_opened_ends_it_with_the_reason_and_without_the_password()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => CollectAsync(Options(CollectTrigger.Key, $"rtsp://line:geheim@127.0.0.1:{FreePort.Next()}/top")));

        Assert.StartsWith("camera: rtsp://127.0.0.1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_says_what_comes_next()
    {
        WriteParts(100, 101, 102, 103, 104, 30);
        CollectFolder? folder = null;
        CollectProgress? progress = null;
        await CollectAsync(Options(CollectTrigger.FreeRun), requests: null, (f, p) => (folder, progress) = (f, p));

        var lines = CollectSummary.Lines(folder!, progress!).ToList();
        Assert.Equal($"{Good}: 5 good, 1 flagged (1 dark)", lines[0]);
        Assert.StartsWith("flagged pictures are in ", lines[1], StringComparison.Ordinal);
        Assert.StartsWith($"next: look at every picture, then ./mrfad learn {Good} --out part.mrfbank", lines[2], StringComparison.Ordinal);
    }

    private static PictureRequest Request(byte[] bytes) => new(new SentFrame(bytes, "upload"), new TaskCompletionSource<CollectedPicture>());

    private CollectOptions Options(CollectTrigger trigger, string? source = null) => new()
    {
        Camera = new CameraOptions { Source = source ?? $"folder:{_folder.File("parts")}", Trigger = trigger == CollectTrigger.FreeRun ? TriggerMode.FreeRun : TriggerMode.Interval },
        Trigger = trigger,
        Folder = Good,
        Limits = ImageLimits.Default,
    };

    private async Task<string?> CollectAsync(CollectOptions options, Func<PictureRequests, Task>? requests = null, Action<CollectFolder, CollectProgress>? made = null)
    {
        var folder = new CollectFolder(options.Folder, Clock);
        var progress = new CollectProgress(options, folder, "");
        progress.Told += _told.Add;
        made?.Invoke(folder, progress);
        var pictures = new PictureRequests(progress, Clock);
        using var collector = new Collector(options, folder, progress, pictures.Reader, Clock);
        var firing = requests?.Invoke(pictures);
        var ended = await collector.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
        // What fires may wait for a tick that nobody needs any more.
        if (firing?.IsFaulted == true)
            await firing;
        return ended;
    }

    private void WriteParts(params byte[] brightness)
    {
        foreach (var (i, level) in brightness.Index())
            TestPart.Write(Path.Combine(_folder.File("parts"), $"{i}.png"), level);
    }

    /// <summary>Reads like a terminal at which nobody sits: it blocks, for some seconds, so that a fault ends the test.</summary>
    private sealed class SilentReader : TextReader
    {
        private readonly ManualResetEventSlim _end = new();

        public override string? ReadLine()
        {
            _end.Wait(TimeSpan.FromSeconds(10));
            return null;
        }

        public override ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken) => ValueTask.FromResult(ReadLine());

        protected override void Dispose(bool disposing)
        {
            _end.Set();
            base.Dispose(disposing);
        }
    }
}
