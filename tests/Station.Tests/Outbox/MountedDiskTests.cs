using MrfAd.Contracts;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>Disks without inodes, and disks that the kernel makes read-only under the station: it judges and sends, says why it is Degraded, and writes later.</summary>
public sealed class MountedDiskTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Where_inodes_run_out_verdicts_go_on_and_pictures_wait_in_memory_until_there_are_some()
    {
        using var disk = SmallDisk.Mount(out var why, inodes: 64);
        Assert.SkipWhen(disk is null, why);
        _lab.State = disk!.Path;
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        _lab.Add(outbox, 1);
        await _lab.SavedAsync(outbox);
        disk.UseUpInodes();

        for (var i = 2; i <= 20; i++)
            outbox.AddPicture(_lab.HeadersOf(i) with { Topic = "t/picture", ContentType = "image/png" }, _lab.Add(outbox, i), "frame", new byte[100]);
        _lab.Link.Connect();
        await _lab.UntilAsync(() => _lab.Link.Published.Count == 20 + 19, "verdicts and pictures are sent");
        Assert.Contains("no inode is left", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Equal(0, outbox.Verdicts.Unsaved);

        outbox.AddPicture(_lab.HeadersOf(21) with { Topic = "t/picture", ContentType = "image/png" }, _lab.Add(outbox, 21), "frame", new byte[100]);
        disk.FreeInodes();
        outbox.RetryPictures();
        await _lab.UntilAsync(() => outbox is { Verdicts: { Error: null, Unsaved: 0 }, Pictures: { Error: null, Unsaved: 0 } }, "all is written");
        Assert.False(running.IsCompleted);
        Assert.Single(Directory.GetFiles(disk.Path, $"{OutboxLab.IdOf(21)}-frame.png", SearchOption.AllDirectories));
        _lab.Close();
        Assert.Equal(21, _lab.Open().Verdicts.Find(new ReplayCommand { Camera = "top" }, 99).Count);
        _lab.Close();
    }

    [Fact]
    public async Task A_start_without_inodes_stops_nothing_and_what_came_meanwhile_is_written_once_there_are_some()
    {
        using var disk = SmallDisk.Mount(out var why, inodes: 64);
        Assert.SkipWhen(disk is null, why);
        _lab.State = disk!.Path;
        var before = _lab.Open();
        _lab.Add(before, 1);
        _lab.Close();
        disk.UseUpInodes();

        var outbox = _lab.Open();
        _lab.Link.Connect();
        var running = outbox.RunAsync(_lab.Stop);
        outbox.Add(_lab.Trigger(2));
        _lab.Add(outbox, 2);
        await _lab.UntilAsync(() => _lab.Texts().Any(text => text.StartsWith('2')), "the verdict is sent");
        Assert.Contains("the outbox cannot be written", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Contains("no inode is left", _lab.Health.Current.Reason, StringComparison.Ordinal);

        disk.FreeInodes();
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");
        Assert.False(running.IsCompleted);
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal((0, 2), (after.Verdicts.Waiting, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9).Count));
        Assert.Empty(after.Interrupted);
        _lab.Close();
    }

    [Fact]
    public async Task A_disk_that_turns_read_only_under_the_station_stops_nothing_and_what_came_meanwhile_is_written_on_the_one_that_replaces_it()
    {
        using var disk = FailingDisk.Mount(out var why);
        Assert.SkipWhen(disk is null, why);
        _lab.State = disk!.Path;
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        for (var i = 1; i <= 20; i++)
            _lab.Add(outbox, i);
        await _lab.SavedAsync(outbox);

        disk.Fail();
        for (var i = 21; i <= 40; i++)
        {
            outbox.Add(_lab.Trigger(i));
            _lab.Add(outbox, i);
        }

        _lab.Link.Connect();
        await _lab.UntilAsync(() => _lab.Link.Published.Count == 40, "all verdicts are sent");
        Assert.Contains("the outbox cannot be written", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Contains("read-only", _lab.Health.Current.Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(40, outbox.Verdicts.LastSeq("top"));

        disk.Replace();
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");
        Assert.False(running.IsCompleted);
        Assert.True(File.Exists(Path.Combine(disk.Path, ResultsStore.FileName)));
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal((0, 40), (after.Verdicts.Waiting, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 99).Count));
        Assert.Empty(after.Interrupted);
        Assert.Equal(0, after.Verdicts.TotalDropped);
        _lab.Close();
    }
}
