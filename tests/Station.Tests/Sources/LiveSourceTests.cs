using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

public sealed class LiveSourceTests
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;

    [Theory]
    [InlineData(null, true, 0.0, 30.0)]
    [InlineData(null, true, 0.1, 3.0)]
    [InlineData(null, true, 2.0, 20.0)]
    [InlineData(5.0, true, 2.0, 5.0)]
    [InlineData(5.0, false, 0.0, 30.0)]
    [InlineData(0.0, true, 2.0, null)]
    [InlineData(0.0, false, 0.0, null)]
    public void How_long_a_camera_may_be_silent_is_as_configured_or_by_its_pace(double? configured, bool isOpen, double longestPause, double? limit) =>
        Assert.Equal(
            limit is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.MaxValue,
            new SilenceLimit(configured is { } s ? TimeSpan.FromSeconds(s) : null).Of(isOpen, TimeSpan.FromSeconds(longestPause)));

    [Fact]
    public async Task A_driver_that_never_comes_back_is_left_alone_after_three_times_until_it_does()
    {
        var opened = Channel.CreateUnbounded<StuckReader>();
        var problems = Channel.CreateUnbounded<string?>();
        var count = 0;
        using var source = new LiveSource("camera", _ => Open(), every: false, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20), TimeProvider.System, p => problems.Writer.TryWrite(p));
        var next = source.NextAsync(CancellationToken.None).AsTask();
        var readers = new List<StuckReader>();
        for (var i = 0; i < 3; i++)
        {
            readers.Add(await opened.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(WaitTimeout));
            Assert.Contains("camera has sent nothing for ", await problems.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(WaitTimeout), StringComparison.Ordinal);
        }

        Assert.All(readers, r => Assert.True(r.IsInterrupted));
        // If the camera were opened again, that would happen within some milliseconds.
        await Assert.ThrowsAsync<TimeoutException>(() => opened.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(0.5)));
        readers[1].Release(new Image(8, 8, 1)); // too late: the reading was abandoned

        using (var image = (await next.WaitAsync(WaitTimeout))!.Image)
            Assert.Equal(16, image.Width);
        foreach (var reader in readers)
            reader.Release(null);

        ILiveReader Open()
        {
            var reader = new StuckReader();
            if (++count == 4)
                reader.Release(new Image(16, 8, 1));
            opened.Writer.TryWrite(reader);
            return reader;
        }
    }

    [Fact]
    public async Task A_camera_that_cannot_be_opened_is_tried_after_twice_the_time_each_time_up_to_ten_seconds()
    {
        var clock = new ImpatientClock();
        using var source = new LiveSource("camera", _ => throw new CameraLostException("no cable"), every: false, TimeSpan.FromSeconds(0.5), TimeSpan.Zero, clock, _ => { });

        foreach (var seconds in (double[])[0.5, 1, 2, 4, 8, 10, 10])
            Assert.Equal(TimeSpan.FromSeconds(seconds), await clock.Waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(WaitTimeout));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_a_driver_throws_costs_the_camera_which_is_opened_again(bool inOpening)
    {
        var problems = Channel.CreateUnbounded<string?>();
        var count = 0;
        using var source = new LiveSource("camera", _ => Open(), every: false, TimeSpan.FromMilliseconds(1), TimeSpan.Zero, TimeProvider.System, p => problems.Writer.TryWrite(p));

        var frame = await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(WaitTimeout);

        frame!.Image.Dispose();
        Assert.Equal("camera cannot be opened: BadImageFormatException: a driver of another processor", await problems.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout));

        ILiveReader Open() => ++count > 1 ? new GivenReader(() => new Image(8, 8, 1))
            : inOpening ? throw new BadImageFormatException("a driver of another processor")
            : new GivenReader(() => throw new BadImageFormatException("a driver of another processor"));
    }

    private sealed class GivenReader(Func<Image?> read) : ILiveReader
    {
        public Image? Read() => read();

        public void Interrupt()
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A clock on which each wait that is longer than a poll interval ends at once and is recorded.</summary>
    private sealed class ImpatientClock : TimeProvider
    {
        private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(0.1);

        public Channel<TimeSpan> Waits { get; } = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime <= PollInterval)
                return base.CreateTimer(callback, state, dueTime, period);
            Waits.Writer.TryWrite(dueTime);
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    /// <summary>A reader that ignores interruptions, as some drivers do.</summary>
    private sealed class StuckReader : ILiveReader
    {
        private readonly Channel<Image?> _images = Channel.CreateUnbounded<Image?>();

        public bool IsInterrupted { get; private set; }

        public Image? Read() => _images.Reader.ReadAsync().AsTask().GetAwaiter().GetResult();

        public void Interrupt() => IsInterrupted = true;

        public void Release(Image? image) => _images.Writer.TryWrite(image);

        public void Dispose() => _images.Writer.TryComplete();
    }
}
