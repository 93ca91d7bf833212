using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Results;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>A disk that is full, cannot be written, or does not answer: the station goes on from memory.</summary>
public sealed class OutboxDiskTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task On_a_full_disk_messages_stay_in_memory_are_sent_and_are_written_when_there_is_room()
    {
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        var errors = new List<string?>();
        _lab.Store.ErrorChanged += errors.Add;
        _lab.Add(outbox, 1);
        await _lab.SavedAsync(outbox);
        await SetRoomAsync(0);

        outbox.Add(_lab.Trigger(2));
        for (var i = 2; i <= 30; i++)
            _lab.Add(outbox, i, size: 3000);
        await _lab.UntilAsync(
            () => _lab.Health.Current.Reason?.Contains("the outbox cannot be written, verdicts are kept in memory: No space left on device", StringComparison.Ordinal) == true, "the disk is full");
        _lab.Link.Connect();
        for (var i = 1; i <= 30; i++)
            await _lab.Link.NextAsync();

        await SetRoomAsync(1_000_000);
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");

        Assert.Equal([errors[0], null], errors);
        Assert.Equal("No space left on device", errors[0]);
        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"{i} historical"), _lab.Texts());
        Assert.False(running.IsCompleted);
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal((0, 30), (after.Verdicts.Waiting, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 99).Count));
        Assert.Empty(after.Interrupted);
    }

    [Fact]
    public async Task On_a_disk_that_stays_full_the_oldest_go_and_are_counted_and_their_triggers_are_forgotten()
    {
        const int TooMany = 500;
        var outbox = _lab.Open();
        await SetRoomAsync(0);
        for (var i = 1; i <= 10_000 + TooMany; i++)
            _lab.Add(outbox, i);
        await _lab.UntilAsync(() => outbox.Verdicts.Error is not null, "the disk is full");
        _lab.Add(outbox, 10_001 + TooMany);

        // The first of them may have found room in pages that were there.
        Assert.InRange(outbox.Verdicts.TotalDropped, 1, TooMany + 1);
        Assert.Equal(10_001 + TooMany, outbox.Verdicts.Waiting + outbox.Verdicts.TotalDropped);
        Assert.Equal(outbox.Verdicts.TotalDropped, Enumerable.Range(1, 10_001 + TooMany).Count(i => !outbox.Verdicts.TryGetTrigger("top", $"part-{i}", out _)));
        Assert.True(outbox.Verdicts.TryGetTrigger("top", $"part-{10_001 + TooMany}", out _));
    }

    [Fact]
    public async Task A_full_disk_costs_pictures_first_then_verdicts_that_the_broker_has()
    {
        var outbox = _lab.Open();
        for (var i = 1; i <= 600; i++)
        {
            var message = _lab.Add(outbox, i, size: 1000);
            if (i <= 500)
                outbox.Verdicts.Acknowledge(message);
            if (i is 1 or 2)
                outbox.AddPicture(_lab.HeadersOf(i) with { Topic = "t/picture", ContentType = "image/png" }, message, "frame", new byte[1000]);
        }

        await _lab.SavedAsync(outbox);
        await SetRoomAsync(0);
        for (var i = 601; i <= 650; i++)
            _lab.Add(outbox, i, size: 1000);
        await _lab.SavedAsync(outbox);

        Assert.Null(outbox.Verdicts.Error);
        Assert.Equal(0, outbox.Verdicts.TotalDropped);
        Assert.Equal(0, outbox.Pictures.Bytes);
        var left = outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, int.MaxValue).Select(m => m.Headers.Seq).ToList();
        Assert.InRange(left[0], 101, 401);
        Assert.Equal(Enumerable.Range((int)left[0], 651 - (int)left[0]).Select(i => (long)i), left);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_holds_up_neither_triggers_nor_messages()
    {
        _lab.Options = _lab.Options with { MaxAge = TimeSpan.FromDays(100_000) };
        var outbox = _lab.Open(clock: TimeProvider.System);
        _lab.Link.Connect();
        var running = outbox.RunAsync(_lab.Stop);
        _lab.Add(outbox, 1);
        await _lab.Link.NextAsync();
        using var gate = new ManualResetEventSlim();
        var stalled = _lab.Store.WriteAsync(_ => gate.Wait());

        await Task.Run(() => outbox.Add(_lab.Trigger(2))).WaitAsync(OutboxLab.Timeout);
        _lab.Add(outbox, 2);
        _lab.Add(outbox, 3);
        await _lab.Link.NextAsync();
        await _lab.Link.NextAsync();
        Assert.Contains("the disk does not answer", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.False(stalled.IsCompleted);

        gate.Set();
        await stalled.WaitAsync(OutboxLab.Timeout);
        while (outbox.Verdicts.Error is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        await _lab.SavedAsync(outbox);
        Assert.False(running.IsCompleted);
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal(3, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9).Count);
        Assert.Empty(after.Interrupted);
    }

    [Fact]
    public async Task A_read_only_file_system_stops_nothing_and_what_came_meanwhile_is_written_once_it_can_be()
    {
        using var disk = SmallDisk.Mount(out var why);
        Assert.SkipWhen(disk is null, why);
        _lab.State = disk!.Path;
        var before = _lab.Open();
        _lab.Add(before, 1);
        _lab.Close();
        disk.SetReadOnly(true);

        var outbox = _lab.Open();
        _lab.Link.Connect();
        var running = outbox.RunAsync(_lab.Stop);
        outbox.Add(_lab.Trigger(2));
        _lab.Add(outbox, 2);
        await _lab.UntilAsync(() => _lab.Link.Published.Count == 2, "both verdicts are sent");
        Assert.Contains("the outbox cannot be written", _lab.Health.Current.Reason, StringComparison.Ordinal);
        Assert.Equal(2, outbox.Verdicts.LastSeq("top"));

        disk.SetReadOnly(false);
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");
        Assert.False(running.IsCompleted);
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal((0, 2), (after.Verdicts.Waiting, after.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9).Count));
        _lab.Close();
    }

    [Fact]
    public async Task A_small_disk_that_fills_up_under_the_station_loses_no_verdict()
    {
        using var disk = SmallDisk.Mount(out var why);
        Assert.SkipWhen(disk is null, why);
        _lab.State = disk!.Path;
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        for (var i = 1; i <= 200; i++)
            _lab.Add(outbox, i, size: 1000);
        await _lab.SavedAsync(outbox);

        disk.Fill();
        for (var i = 201; i <= 2000; i++)
            _lab.Add(outbox, i, size: 1000);
        await _lab.UntilAsync(() => outbox.Verdicts.Error is not null || outbox.Verdicts.Unsaved == 0, "the disk is full, or had room");
        disk.Fill();
        _lab.Link.Connect();
        await _lab.UntilAsync(() => _lab.Link.Published.Count == 2000, "all verdicts are sent");
        disk.Free();
        await _lab.UntilAsync(() => outbox.Verdicts is { Error: null, Unsaved: 0 }, "all is written");

        Assert.Equal(0, outbox.Verdicts.TotalDropped);
        Assert.False(running.IsCompleted);
        _lab.Close();
        Assert.Equal(0, _lab.Open().Verdicts.Waiting);
    }

    /// <summary>Lets the database grow by so many pages and no more, which is to SQLite as a full disk.</summary>
    private async Task SetRoomAsync(int pages)
    {
        for (var isSet = false; !isSet;)
        {
            try
            {
                await _lab.Store.WriteAsync(connection => isSet = connection.Read(FormattableString.Invariant($"PRAGMA max_page_count = {connection.Number("PRAGMA page_count") + pages}"), _ => true)[0]);
            }
            catch (SqliteException)
            {
                // It failed together with rows that there was no room for; the limit holds from here on.
            }
        }
    }
}
