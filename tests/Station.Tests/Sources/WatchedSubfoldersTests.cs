using System.Threading.Channels;
using MrfAd.Engine.Images;
using MrfAd.Station.Capture;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

/// <summary>Camera programs make folders by date, move files, and begin to count again: each picture is a frame once.</summary>
public sealed class WatchedSubfoldersTests : IDisposable
{
    private static readonly TimeSpan SettleTime = TimeSpan.FromMilliseconds(50);

    private static TimeSpan WaitTimeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _elsewhere = new();
    private readonly Channel<string?> _warnings = Channel.CreateUnbounded<string?>();

    public void Dispose()
    {
        _folder.Dispose();
        _elsewhere.Dispose();
    }

    [Fact]
    public async Task Files_in_folders_made_by_date_are_frames_and_those_that_were_there_are_none()
    {
        Write("2026-11-28/0001.png", 1);
        using var source = Watch();

        Write("2026-11-28/0002.png", 2);
        Assert.Equal("2026-11-28/0002.png 2", await NextAsync(source));
        Write("2026-11-29/0001.png", 3);
        Assert.Equal("2026-11-29/0001.png 3", await NextAsync(source));
        Write("2026/11/29/0001.png", 4);
        Assert.Equal("2026/11/29/0001.png 4", await NextAsync(source));
        Write("top.png", 5);
        Assert.Equal("top.png 5", await NextAsync(source));
        Write("2026/11/30/0001.png", 6);
        Assert.Equal("2026/11/30/0001.png 6", await NextAsync(source));
    }

    [Fact]
    public async Task A_folder_renamed_into_place_brings_all_its_files_once()
    {
        using var source = Watch();
        for (var i = 1; i <= 20; i++)
            TestPart.Write(Elsewhere($"new/deep/{i:00}.png"), (byte)i);

        Directory.Move(_elsewhere.File("new"), _folder.File("2026-11-29"));

        List<string> names = [];
        while (names.Count < 20)
            names.Add(await NextAsync(source));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"2026-11-29/deep/{i:00}.png {i}"), names.Order());
        await NothingMoreAsync(source);
    }

    [Fact]
    public async Task A_linked_folder_is_looked_through_once_however_many_links_lead_to_it()
    {
        TestPart.Write(Elsewhere("share/old.png"), 1);
        File.CreateSymbolicLink(_folder.File("link"), _elsewhere.File("share"));
        File.CreateSymbolicLink(_folder.File("same"), _elsewhere.File("share"));
        File.CreateSymbolicLink(Elsewhere("share/up"), _folder.Path);
        using var source = Watch();

        // The kernel tells nothing about folders behind a link, as it does about those of a server.
        TestPart.Write(Elsewhere("share/1.png"), 2);
        Assert.Equal("link/1.png 2", await NextAsync(source));
        TestPart.Write(Elsewhere("later/2.png"), 3);
        File.CreateSymbolicLink(_folder.File("later"), _elsewhere.File("later"));
        Assert.Equal("later/2.png 3", await NextAsync(source));
        TestPart.Write(Elsewhere("share/1.png"), 4);
        Assert.Equal("link/1.png 4", await NextAsync(source));
        await NothingMoreAsync(source);
    }

    [Fact]
    public async Task A_file_that_is_moved_or_renamed_after_it_was_judged_is_no_frame_again()
    {
        Write("old.png", 1);
        Directory.CreateDirectory(_folder.File("done"));
        using var source = Watch();
        Write("1.png", 2);
        Assert.Equal("1.png 2", await NextAsync(source));

        File.Move(_folder.File("1.png"), _folder.File("done/1.png"));
        File.Move(_folder.File("old.png"), _folder.File("done/old.png"));
        File.Move(_folder.File("done/1.png"), _folder.File("done/judged-1.png"));
        Directory.Move(_folder.File("done"), _folder.File("archive"));
        await NothingMoreAsync(source);
        Write("1.png", 3);
        Assert.Equal("1.png 3", await NextAsync(source));
    }

    [Fact]
    public async Task A_file_that_is_moved_before_it_was_judged_is_one_frame_at_its_new_place()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        using var source = Watch();
        // Nobody asks for a frame meanwhile, as when the queue is full.
        Write("1.png", 2);
        File.Move(_folder.File("1.png"), _folder.File("parts/1.png"));
        Directory.Move(_folder.File("parts"), _folder.File("2026-11-29"));

        Assert.Equal("2026-11-29/1.png 2", await NextAsync(source));
        await NothingMoreAsync(source);
    }

    [Fact]
    public async Task A_counter_that_starts_again_overwrites_names_and_each_picture_is_a_frame()
    {
        using var source = Watch();
        byte picture = 1;
        for (var round = 0; round < 3; round++)
        {
            for (var i = 1; i <= 3; i++)
            {
                Write($"day/{i:0000}.png", picture);
                Assert.Equal($"day/{i:0000}.png {picture++}", await NextAsync(source));
            }
        }
    }

    [Fact]
    public async Task A_picture_that_is_replaced_before_it_was_read_is_told_as_lost()
    {
        using var source = Watch();
        List<string> got = [];
        // On a busy machine the events of a round may come one by one, and then the last picture is all that there is to see.
        for (var round = 0; round < 50 && got is not ["lost", "lost", _]; round++)
        {
            for (var i = 1; i <= 3; i++)
            {
                TestPart.Write(_elsewhere.File("next.png"), (byte)((3 * round) + i));
                File.Move(_elsewhere.File("next.png"), _folder.File("next.tmp"));
                File.Move(_folder.File("next.tmp"), _folder.File("latest.png"), overwrite: true);
            }

            got = [];
            while (!got.Contains($"latest.png {(3 * round) + 3}"))
                got.Add(await NextOrLostAsync(source));
            Assert.InRange(got.Count, 1, 3);
        }

        Assert.Equal(["lost", "lost"], got.Take(2));
    }

    [Fact]
    public async Task What_programs_hide_or_keep_for_themselves_is_no_frame()
    {
        using var source = Watch();
        Write(".cache/1.png", 1);
        Write("@eaDir/2.png", 2);
        Write("day/.thumbnails/3.png", 3);
        Directory.CreateDirectory(_folder.File("folder.png"));
        Write("day/4.png", 4);
        Assert.Equal("day/4.png 4", await NextAsync(source));
        await NothingMoreAsync(source);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_read_is_warned_of_and_its_files_come_when_it_may()
    {
        Write("day/old.png", 1);
        Directory.CreateDirectory(_folder.File("locked"));
        using var source = Watch();
        Task<string> next;
        using (new LockedFolder(_folder.File("day")))
        using (new LockedFolder(_folder.File("locked")))
        {
            next = NextAsync(source);
            Assert.Contains("day", await WarningAsync(), StringComparison.Ordinal);
            TestPart.Write(Elsewhere("1.png"), 2);
        }

        File.Move(_elsewhere.File("1.png"), _folder.File("locked/1.png"));
        Assert.Equal("locked/1.png 2", await next);
        Assert.Null(await WarningAsync());
        await NothingMoreAsync(source);
    }

    [Fact]
    public async Task A_file_whose_name_is_not_UTF_8_is_warned_of_and_holds_up_no_other()
    {
        using var source = Watch();
        TestPart.Write(Elsewhere("1.png"), 1);
        using var file = new NonUtf8File(_elsewhere.File("1.png"), _folder.Path);
        Write("2.png", 2);

        Assert.Equal("2.png 2", await NextAsync(source));
        var next = NextAsync(source);
        Assert.Equal("files in it are no frames: the name of 'Pr\uFFFDfteil.png' is not UTF-8", await WarningAsync());
        Write("3.png", 3);
        Assert.Equal("3.png 3", await next);
    }

    private WatchedFolderSource Watch() => new(_folder.Path, SettleTime, () => ImageLimits.Default, TimeProvider.System, _ => { }, text => _warnings.Writer.TryWrite(text));

    private async Task<string?> WarningAsync() => await _warnings.Reader.ReadAsync().AsTask().WaitAsync(WaitTimeout);

    private void Write(string name, byte picture)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        TestPart.Write(_folder.File(name), picture);
    }

    private string Elsewhere(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_elsewhere.File(name))!);
        return _elsewhere.File(name);
    }

    /// <summary>Asserts that everything so far has been delivered: the next frame is one that is written now.</summary>
    private async Task NothingMoreAsync(WatchedFolderSource source)
    {
        // Long enough to look through the folder twice; if it is slower, the test sees less and does not fail.
        var next = source.NextAsync(CancellationToken.None).AsTask();
        await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(2.5)));
        TestPart.Write(_folder.File("the-end.png"), 99);
        var frame = await next.WaitAsync(WaitTimeout);
        using (frame!.Image)
            Assert.Equal("the-end.png", frame.Source);
        File.Delete(_folder.File("the-end.png"));
    }

    private static async Task<string> NextOrLostAsync(WatchedFolderSource source)
    {
        try
        {
            return await NextAsync(source);
        }
        catch (NoFrameException e) when (e.Cause == NoFrameCause.Lost)
        {
            Assert.Equal("latest.png was replaced before it could be read", e.Message);
            return "lost";
        }
    }

    private static async Task<string> NextAsync(WatchedFolderSource source)
    {
        var frame = await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(WaitTimeout);
        using (frame!.Image)
            return $"{frame.Source} {frame.Image.Bytes[0]}";
    }
}
