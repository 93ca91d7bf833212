using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

public sealed class WatchedFolderSourceTests : IDisposable
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(50);

    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _elsewhere = new();

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Each_new_file_is_a_frame_and_one_that_was_there_is_none()
    {
        TestPart.Write(_folder.File("old.png"), 1);
        using var source = Watch();

        TestPart.Write(_folder.File("b.png"), 2);
        Assert.Equal("b.png 2", await NextAsync(source));
        File.WriteAllText(_folder.File("notes.txt"), "no image");
        TestPart.Write(_folder.File("a.png"), 3);
        Assert.Equal("a.png 3", await NextAsync(source));
    }

    [Fact]
    public async Task A_file_that_is_still_being_written_is_not_read_before_it_is_whole()
    {
        using var source = Watch();
        TestPart.Write(_elsewhere.File("part.png"), 7, width: 320, height: 240);
        var bytes = await File.ReadAllBytesAsync(_elsewhere.File("part.png"));

        await using (var file = new FileStream(_folder.File("part.png"), FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            await file.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await file.FlushAsync();
            var next = NextAsync(source);
            // Longer than the settle time: the half file no longer grows and cannot be decoded, and is waited for.
            await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(3 * SettleTime));
            await file.WriteAsync(bytes.AsMemory(bytes.Length / 2));
            await file.FlushAsync();

            Assert.Equal("part.png 7", await next);
        }
    }

    [Fact]
    public async Task A_file_that_stays_broken_is_named_once()
    {
        using var source = Watch();
        await File.WriteAllTextAsync(_folder.File("broken.png"), "not a picture");

        Assert.Contains("broken.png", (await Assert.ThrowsAsync<ImageFormatException>(() => NextAsync(source))).Message, StringComparison.Ordinal);
        TestPart.Write(_folder.File("good.png"), 4);
        Assert.Equal("good.png 4", await NextAsync(source));
    }

    [Fact]
    public async Task A_broken_file_does_not_hold_up_the_good_one_after_it()
    {
        using var source = Watch();
        await File.WriteAllTextAsync(_folder.File("a.png"), "not a picture");
        TestPart.Write(_folder.File("b.png"), 5);

        Assert.Equal("b.png 5", await NextAsync(source));
        await Assert.ThrowsAsync<ImageFormatException>(() => NextAsync(source));
    }

    [Fact]
    public async Task A_file_renamed_into_place_is_whole_at_once()
    {
        // With a settle time that never ends, only the rename shows that the file is complete.
        using var source = new WatchedFolderSource(_folder.Path, TimeSpan.FromHours(1), () => ImageLimits.Default, TimeProvider.System, _ => { }, _ => { });
        TestPart.Write(_folder.File("part.png.tmp"), 6);
        File.Move(_folder.File("part.png.tmp"), _folder.File("part.png"));

        Assert.Equal("part.png 6", await NextAsync(source));
    }

    [Fact]
    public async Task A_name_is_a_frame_again_after_its_file_was_deleted()
    {
        using var source = Watch();
        TestPart.Write(_folder.File("part.png"), 1);
        Assert.Equal("part.png 1", await NextAsync(source));

        File.Delete(_folder.File("part.png"));
        TestPart.Write(_elsewhere.File("part.png"), 2);
        File.Move(_elsewhere.File("part.png"), _folder.File("part.png"));

        Assert.Equal("part.png 2", await NextAsync(source));
    }

    [Fact]
    public async Task A_file_written_again_copied_over_or_renamed_over_under_its_name_is_a_frame_each_time()
    {
        TestPart.Write(_folder.File("part.png"), 1);
        using var source = Watch();

        TestPart.Write(_folder.File("part.png"), 2);
        Assert.Equal("part.png 2", await NextAsync(source));
        TestPart.Write(_elsewhere.File("next.png"), 3);
        File.Copy(_elsewhere.File("next.png"), _folder.File("part.png"), overwrite: true);
        Assert.Equal("part.png 3", await NextAsync(source));
        TestPart.Write(_folder.File(".part.png.tmp"), 4);
        File.Move(_folder.File(".part.png.tmp"), _folder.File("part.png"), overwrite: true);
        Assert.Equal("part.png 4", await NextAsync(source));
        TestPart.Write(_elsewhere.File("last.png"), 5);
        File.Move(_elsewhere.File("last.png"), _folder.File("part.png"), overwrite: true);
        Assert.Equal("part.png 5", await NextAsync(source));
    }

    [Fact]
    public async Task A_file_whose_time_alone_is_set_is_no_frame_again()
    {
        using var source = Watch();
        TestPart.Write(_folder.File("part.png"), 1);
        Assert.Equal("part.png 1", await NextAsync(source));

        File.SetLastWriteTimeUtc(_folder.File("part.png"), DateTime.UnixEpoch);
        TestPart.Write(_folder.File("other.png"), 2);
        Assert.Equal("other.png 2", await NextAsync(source));
    }

    [Fact]
    public async Task What_macOS_and_others_hide_beside_a_file_is_no_frame()
    {
        using var source = Watch();
        await File.WriteAllTextAsync(_folder.File("._part.png"), "Mac OS X");
        TestPart.Write(_folder.File(".part.png"), 1);
        TestPart.Write(_folder.File("part.png"), 2);
        Assert.Equal("part.png 2", await NextAsync(source));
    }

    [Fact]
    public async Task A_thousand_files_at_once_are_a_thousand_frames()
    {
        using var source = Watch();
        TestPart.Write(_elsewhere.File("part.png"), 1);
        var bytes = await File.ReadAllBytesAsync(_elsewhere.File("part.png"));
        for (var i = 0; i < 1000; i++)
            await File.WriteAllBytesAsync(_folder.File($"{i:000}.png"), bytes);

        var names = new HashSet<string>();
        while (names.Count < 1000)
            Assert.True(names.Add(await NextAsync(source)));
    }

    [Fact]
    public async Task Waiting_ends_when_it_is_cancelled()
    {
        using var source = Watch();
        using var stop = new CancellationTokenSource();
        var next = source.NextAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(WaitTimeout));
    }

    [Fact]
    public async Task A_timer_that_rings_while_it_is_disposed_of_does_no_harm()
    {
        // A timer's callback that is under way when its timer is disposed does the same.
        var clock = new LateClock();
        using var source = new WatchedFolderSource(_folder.Path, TimeSpan.FromHours(1), () => ImageLimits.Default, clock, _ => { }, _ => { });
        await File.WriteAllTextAsync(_folder.File("a.png"), "not yet");
        var next = NextAsync(source);
        await clock.ArmedAsync();
        TestPart.Write(_folder.File("b.tmp"), 5);
        File.Move(_folder.File("b.tmp"), _folder.File("b.png"));
        Assert.Equal("b.png 5", await next);

        clock.RingAll();
    }

    [Fact]
    public async Task A_folder_that_goes_away_is_told_of_and_watched_again_when_it_is_back()
    {
        var folder = _folder.File("in");
        Directory.CreateDirectory(folder);
        TestPart.Write(Path.Combine(folder, "old.png"), 1);
        var problems = Channel.CreateUnbounded<string?>();
        using var source = new WatchedFolderSource(folder, SettleTime, () => ImageLimits.Default, TimeProvider.System, p => problems.Writer.TryWrite(p), _ => { });
        var next = NextAsync(source);

        Directory.Move(folder, _elsewhere.File("in"));
        Assert.Contains(folder, await NextProblemAsync(), StringComparison.Ordinal);
        Directory.Move(_elsewhere.File("in"), folder);
        while (await NextProblemAsync() is not null)
        {
        }

        TestPart.Write(Path.Combine(folder, "part.png"), 3);
        Assert.Equal("part.png 3", await next);

        async Task<string?> NextProblemAsync() => await problems.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);
    }

    [Fact]
    public async Task A_folder_that_another_one_takes_the_place_of_is_watched_there()
    {
        var folder = _folder.File("in");
        Directory.CreateDirectory(folder);
        using var source = new WatchedFolderSource(folder, SettleTime, () => ImageLimits.Default, TimeProvider.System, _ => { }, _ => { });
        var next = NextAsync(source);

        // Folders are distinguished by their creation times, and the clock of a file system ticks every few milliseconds.
        var other = _elsewhere.File("in");
        for (Directory.CreateDirectory(other); Directory.GetCreationTimeUtc(other) == Directory.GetCreationTimeUtc(folder); Directory.CreateDirectory(other))
            Directory.Delete(other);
        TestPart.Write(Path.Combine(other, "part.png"), 3);
        Directory.Move(folder, _elsewhere.File("out"));
        Directory.Move(other, folder);

        Assert.Equal("part.png 3", await next);
    }

    [Fact]
    public async Task What_is_no_regular_file_is_a_broken_frame_and_does_not_hold_up_the_others()
    {
        using var source = Watch();
        SpecialFile.Fifo(_folder.File("a.png"));
        SpecialFile.EndlessDevice(_folder.File("b.png"));
        File.CreateSymbolicLink(_folder.File("c.png"), SpecialFile.Fifo(_elsewhere.File("fifo")));
        TestPart.Write(_folder.File("d.png"), 4);

        Assert.Equal("d.png 4", await NextAsync(source));
        var errors = new List<string>();
        for (var i = 0; i < 3; i++)
            errors.Add((await Assert.ThrowsAnyAsync<IOException>(() => NextAsync(source))).Message);
        Assert.Equal(
            [
                $"{_folder.File("a.png")}: want a regular file, got a FIFO (a named pipe)", $"{_folder.File("b.png")}: want a regular file, got a character device",
                $"{_folder.File("c.png")}: want a regular file, got a FIFO (a named pipe)",
            ],
            errors.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_file_whose_opening_hangs_costs_its_frame_and_is_told_of_until_it_comes_back()
    {
        var problems = Channel.CreateUnbounded<string?>();
        using var source = new WatchedFolderSource(
            _folder.Path, SettleTime, path => FrameFiles.Read(path, ImageLimits.Default, TimeProvider.System), TimeSpan.FromSeconds(0.2), TimeProvider.System, p => problems.Writer.TryWrite(p), _ => { });
        TestPart.Write(_elsewhere.File("a.png"), 1);
        using (SpecialFile.Lease(_elsewhere.File("a.png")))
        {
            File.Move(_elsewhere.File("a.png"), _folder.File("a.png"));

            Assert.Equal("reading a.png has not come back within 0.2 s", (await Assert.ThrowsAsync<StuckCallException>(() => NextAsync(source))).Message);
            Assert.Equal("reading a.png: not back after 0.2 s", await NextProblemAsync());
            TestPart.Write(_folder.File("b.png"), 2);
            Assert.Equal("b.png 2", await NextAsync(source));
        }

        Assert.Null(await NextProblemAsync());

        async Task<string?> NextProblemAsync() => await problems.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);
    }

    [Fact]
    public async Task With_three_reads_that_hang_nothing_more_is_read_and_an_end_is_not_held_up()
    {
        using var back = new ManualResetEventSlim();
        var (reads, problem) = (0, (string?)null);
        var source = new WatchedFolderSource(_folder.Path, SettleTime, Read, TimeSpan.FromSeconds(0.1), TimeProvider.System, p => Volatile.Write(ref problem, p), _ => { });
        for (var i = 0; i < 4; i++)
            TestPart.Write(_folder.File($"{i}.png"), 1);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<StuckCallException>(() => NextAsync(source));
        using var stop = new CancellationTokenSource();
        var next = source.NextAsync(stop.Token).AsTask();
        await Assert.ThrowsAsync<TimeoutException>(() => next.WaitAsync(TimeSpan.FromSeconds(0.5)));
        Assert.Equal(3, Volatile.Read(ref reads));
        Assert.Equal(3, Volatile.Read(ref problem)!.Split("reading ").Length - 1);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(WaitTimeout));
        source.Dispose();
        back.Set();

        Frame Read(string path)
        {
            Interlocked.Increment(ref reads);
            back.Wait(WaitTimeout);
            return new Frame(new Image(8, 8, 1), path, TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task A_decoder_that_fails_with_an_error_of_its_own_costs_the_frame_and_not_the_source()
    {
        using var source = new WatchedFolderSource(_folder.Path, SettleTime, _ => throw new NoFrameException(NoFrameCause.Error, "a bug"), WaitTimeout, TimeProvider.System, _ => { }, _ => { });
        TestPart.Write(_folder.File("a.png"), 1);

        Assert.Equal("a bug", (await Assert.ThrowsAsync<NoFrameException>(() => NextAsync(source))).Message);
    }

    private WatchedFolderSource Watch() => new(_folder.Path, SettleTime, () => ImageLimits.Default, TimeProvider.System, _ => { }, _ => { });

    private static async Task<string> NextAsync(WatchedFolderSource source)
    {
        var frame = await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(WaitTimeout);
        using (frame!.Image)
            return $"{frame.Source} {frame.Image.Bytes[0]}";
    }

    /// <summary>A clock whose timers fire when the test wants it, even those that have been disposed.</summary>
    private sealed class LateClock : TimeProvider
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Action> _rings = [];
        private readonly TaskCompletionSource _armed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            _rings.Enqueue(() => callback(state));
            _armed.TrySetResult();
            return System.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public Task ArmedAsync() => _armed.Task.WaitAsync(WaitTimeout);

        public void RingAll()
        {
            foreach (var ring in _rings)
                ring();
        }
    }
}
