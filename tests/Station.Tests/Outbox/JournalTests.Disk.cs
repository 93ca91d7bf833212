using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>A disk that is full, read-only, or has a budget.</summary>
public sealed partial class JournalTests
{
    [Fact]
    public void On_a_full_disk_messages_stay_in_memory_and_are_written_when_there_is_room()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        var errors = new List<string?>();
        journal.ErrorChanged += errors.Add;
        Add(journal, 1);
        folder.Room = 10;

        journal.Add(Trigger(2));
        Add(journal, 2);
        Add(journal, 3);
        Assert.Equal(["verdict 1", "verdict 2", "verdict 3"], Texts(journal));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Add(journal, 4);
        Assert.StartsWith("No space left on device", Assert.Single(errors), StringComparison.Ordinal); // reported once, though another file was tried
        Assert.Equal([1L], Reopen(folder).Journal.Find(_ => true, 9).Select(l => l.Headers.Seq));
        folder.Room = 1_000_000;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Add(journal, 5);

        Assert.Equal([errors[0], null], errors);
        Assert.Equal(["verdict 1", "verdict 2", "verdict 3", "verdict 4", "verdict 5"], Texts(journal));
        var (pending, after) = Reopen(folder);
        Assert.Equal(["verdict 1", "verdict 2", "verdict 3", "verdict 4", "verdict 5"], Texts(after));
        Assert.Empty(pending);
    }

    [Fact]
    public void On_a_disk_that_stays_full_the_oldest_go_and_are_counted()
    {
        var folder = new UnreliableFolder { Room = 0 };
        var journal = Open(folder);
        var dropped = new List<(long, string)>();
        journal.Dropped += (count, reason) => dropped.Add((count, reason));

        for (var i = 1; i <= 8; i++)
            Add(journal, i);

        Assert.Equal([4L, 5, 6, 7, 8], journal.Find(_ => true, 9).Select(l => l.Headers.Seq));
        Assert.Equal([(1L, "disk_full"), (1L, "disk_full"), (1L, "disk_full")], dropped);
        Assert.Empty(folder.List());
    }

    [Fact]
    public void A_full_disk_costs_pictures_first()
    {
        var folder = new UnreliableFolder();
        var pictures = Open(folder, Verdicts with { What = "picture", KeepsSent = false });
        for (var i = 1; i <= 3; i++)
            Add(pictures, i, size: 60_000);
        var verdictFolder = new UnreliableFolder { Room = 10 };
        var verdicts = Open(verdictFolder, Verdicts, () =>
        {
            var gone = pictures.DropOldest("disk_full");
            verdictFolder.Room += gone ? 60_000 : 0;
            return gone;
        });

        Add(verdicts, 1);

        Assert.Null(verdicts.Error);
        Assert.Equal(0, verdicts.TotalDropped);
        Assert.InRange(pictures.TotalDropped, 1, 3);
    }

    [Fact]
    public void More_than_the_budget_costs_the_oldest_and_is_counted_over_a_restart()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder, Verdicts with { Bytes = 1_000_000 });
        for (var i = 1; i <= 300; i++)
            Add(journal, i, size: 5000);

        Assert.InRange(folder.Bytes, 800_000, 1_100_000);
        Assert.Equal(300, journal.Waiting + journal.TotalDropped);
        Assert.InRange(journal.TotalDropped, 100, 150);
        var dropped = journal.TotalDropped;
        Add(journal, 301);
        journal.Dispose();

        var after = Reopen(folder).Journal;
        Assert.InRange(after.TotalDropped, dropped - 15, dropped);
        Assert.Equal(301, after.LastSeq("top"));
    }

    [Fact]
    public void Sent_pictures_leave_the_disk()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder, Verdicts with { What = "picture", KeepsSent = false, Bytes = 1_000_000 });
        for (var i = 1; i <= 100; i++)
        {
            Add(journal, i, size: 20_000);
            journal.Acknowledge(journal.Next(0)!);
        }

        journal.Flush();
        Assert.InRange(folder.Bytes, 1, 130_000);
        Assert.Equal((0, 0L), (journal.Waiting, journal.TotalDropped));
    }

    [Fact]
    public void A_disk_that_has_become_read_only_stops_neither_triggers_nor_messages()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder, Verdicts with { Bytes = 1_000_000 });
        for (var i = 1; i <= 20; i++)
            journal.Acknowledge(Add(journal, i, size: 9000));
        folder.IsReadOnly = true;
        _clock.Advance(TimeSpan.FromHours(48));

        journal.Add(Trigger(21));
        Add(journal, 21);

        Assert.Equal("Read-only file system", journal.Error);
        Assert.Equal(21, journal.Next(0)?.Headers.Seq);
    }

    [Fact]
    public void A_disk_that_becomes_read_only_under_a_new_segment_stops_nothing_either()
    {
        var folder = new UnreliableFolder();
        folder.Created = () => folder.IsReadOnly = true;
        var journal = Open(folder);

        Add(journal, 1);
        folder.IsReadOnly = false;
        folder.Created = null;
        _clock.Advance(TimeSpan.FromSeconds(2));
        Add(journal, 2);

        Assert.Null(journal.Error);
        Assert.Equal(["verdict 1", "verdict 2"], Texts(Reopen(folder).Journal));
    }
}
