using System.Text;
using FsCheck.Xunit;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

public sealed partial class JournalTests
{
    private static readonly JournalOptions Verdicts = new("verdict", 10_000_000, TimeSpan.FromHours(24), KeepsSent: true, TimeSpan.FromHours(1), MessagesInMemory: 5);
    private readonly FakeClock _clock = new();

    [Fact]
    public void Messages_come_in_order_and_go_when_they_are_acknowledged()
    {
        var journal = Open(new UnreliableFolder());
        var messages = Enumerable.Range(1, 3).Select(i => Add(journal, i)).ToList();

        Assert.Equal(messages[0], journal.Next(0));
        Assert.Equal(messages[2], journal.Next(2));
        Assert.Equal("verdict 2", Text(journal, messages[1]));
        journal.Acknowledge(messages[1]);

        Assert.Equal(messages[2], journal.Next(0));
        Assert.Equal(1, journal.Waiting);
    }

    /// <param name="runs">The verdicts of each run: their size, whether the oldest one is acknowledged then, and whether that is written at once.</param>
    /// <param name="disk">Seed that chooses what the disk had written at the power loss.</param>
    [Property(Replay = "1,1", MaxTest = 100)]
    public void After_a_power_loss_all_that_was_added_is_there_in_order_whatever_became_of_the_rest((ushort Size, bool Acknowledge, bool Flush)[][] runs, int disk)
    {
        var random = new Random(disk);
        var folder = new UnreliableFolder();
        var (made, acknowledged) = (0, 0);
        foreach (var run in runs.Take(6))
        {
            var journal = Open(folder);
            foreach (var verdict in run)
            {
                journal.Add(Trigger(++made));
                Add(journal, made, verdict.Size);
                if (verdict.Acknowledge && journal.Next(0) is { } next)
                {
                    journal.Acknowledge(next);
                    acknowledged++;
                }

                if (verdict.Flush)
                    journal.Flush();
            }

            journal.Add(Trigger(made + 1));
            folder = folder.AfterPowerLoss(random);
            var (pending, found) = Reopen(folder);
            var numbers = found.Find(_ => true, int.MaxValue).Select(l => l.Headers.Seq).ToList();
            Assert.Equal(Enumerable.Range(1, made).Select(i => (long)i), numbers);
            // Acknowledgements may be lost, and then messages are sent once more; never the other way round.
            Assert.InRange(found.Waiting, made - acknowledged, made);
            acknowledged = made - found.Waiting;
            Assert.Equal(made + 1L, Assert.Single(pending).Seq);
            Assert.Equal(made + 1L, found.LastSeq("top"));
            Add(found, ++made);
        }
    }

    [Fact]
    public void A_trigger_without_a_verdict_is_pending_at_the_next_start_under_its_id_and_number()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        var (done, pending) = (Trigger(1), Trigger(2));
        journal.Add(done);
        journal.Add(pending);
        Add(journal, 1);

        var (left, after) = Reopen(folder);

        Assert.Equal(pending, Assert.Single(left));
        Assert.True(after.TryGetTrigger("top", "part-1", out var verdict));
        Assert.Equal(1, verdict!.Headers.Seq);
        Assert.True(after.TryGetTrigger("top", "part-2", out verdict));
        Assert.Null(verdict);
        Assert.False(after.TryGetTrigger("side", "part-1", out _));
        Assert.Equal(2, after.LastSeq("top"));
    }

    [Fact]
    public void A_trigger_id_is_remembered_for_its_time_and_not_longer()
    {
        var journal = Open(new UnreliableFolder());
        Add(journal, 1);

        _clock.Advance(TimeSpan.FromMinutes(59));
        Assert.True(journal.TryGetTrigger("top", "part-1", out _));
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False(journal.TryGetTrigger("top", "part-1", out _));
    }

    [Fact]
    public void A_trigger_id_is_remembered_though_the_clock_is_set()
    {
        var clock = new ClockThatIsSet();
        var folder = new UnreliableFolder();
        using var journal = new Journal(new SegmentLog(folder, Verdicts.SegmentBytes), Verdicts, () => false, clock);
        journal.Open();
        journal.Add(HeadersOf(1) with { At = clock.GetUtcNow() }, "verdict 1"u8, historical: false);
        journal.Flush();

        clock.Offset = TimeSpan.FromDays(365);
        Assert.True(journal.TryGetTrigger("top", "part-1", out _));
        clock.Offset = TimeSpan.FromDays(-365);
        Assert.True(journal.TryGetTrigger("top", "part-1", out _));
        var after = new Journal(new SegmentLog(folder, Verdicts.SegmentBytes), Verdicts, () => false, clock);
        after.Open();
        Assert.False(after.TryGetTrigger("top", "part-1", out _));
    }

    [Fact]
    public void What_was_sent_is_kept_to_be_found_until_it_is_too_old_and_a_clock_that_jumps_costs_nothing_that_waits()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        for (var i = 1; i <= 20; i++)
        {
            Add(journal, i, size: 50_000);
            _clock.Advance(TimeSpan.FromHours(2));
            if (i <= 15)
                journal.Acknowledge(journal.Next(0)!);
        }

        journal.Flush();
        Assert.Equal(20, journal.Find(_ => true, 99)[^1].Headers.Seq);
        Assert.InRange(journal.Find(_ => true, 99)[0].Headers.Seq, 6, 10);
        Assert.Equal(0, journal.TotalDropped);

        // The clock jumps forward, so that the messages look old; they must wait all the same.
        _clock.Advance(TimeSpan.FromHours(1000));
        var after = Reopen(folder).Journal;
        after.Flush();
        Assert.Equal(5, after.Waiting);
    }

    [Fact]
    public void A_message_that_was_dropped_has_no_content()
    {
        var journal = Open(new UnreliableFolder());
        var message = Add(journal, 1);
        Assert.True(journal.Contains(message));
        journal.DropOldest("bytes");

        Assert.Null(journal.Content(message));
        Assert.False(journal.Contains(message));
    }

    [Fact]
    public void A_number_that_the_broker_has_acknowledged_is_not_given_again_where_its_message_is_damaged()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        Add(journal, 1);
        journal.Acknowledge(Add(journal, 2));
        journal.Dispose();
        folder.Damage(folder.List()[^1], bytes => bytes[Encoding.Latin1.GetString([.. bytes]).IndexOf("verdict 2", StringComparison.Ordinal)]++);

        var after = Reopen(folder).Journal;
        Add(after, 3);

        Assert.Equal(["verdict 3"], Waiting(after));
    }

    [Fact]
    public void A_trigger_whose_verdict_went_with_an_old_segment_is_not_pending()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder, Verdicts with { Bytes = 1_000_000 });
        journal.Add(Trigger(1));
        // One batch crosses the end of a segment: its first verdict is in the old one, the next begins the new one.
        journal.Add(HeadersOf(1), new byte[70_000], historical: false);
        journal.Add(Trigger(2));
        journal.Acknowledge(Add(journal, 2));
        Assert.True(journal.DropOldestSent());

        Assert.Empty(Reopen(folder).Pending);
    }

    [Fact]
    public void An_acknowledgement_that_comes_while_another_is_being_written_is_written_too()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        var messages = Enumerable.Range(1, 2).Select(i => Add(journal, i)).ToList();
        journal.Add(HeadersOf(3), "verdict 3"u8, historical: false);
        journal.Acknowledge(messages[0]);
        journal.Synced += _ => journal.Acknowledge(messages[1]);
        journal.Flush();
        journal.Dispose();

        Assert.Equal(["verdict 3"], Waiting(Reopen(folder).Journal));
    }

    [Fact]
    public void A_file_of_another_name_is_left_alone_and_the_count_of_segments_goes_on()
    {
        var folder = new UnreliableFolder();
        Add(Open(folder), 1);
        folder.Create("backup.log").Append("mine"u8);
        Add(Open(folder), 2);

        var after = Reopen(folder).Journal;
        Assert.Equal(["verdict 1", "verdict 2"], Texts(after));
        Assert.Equal(["000000000001.log", "000000000002.log", "backup.log"], folder.List());
    }

    [Fact]
    public void A_message_that_went_from_memory_goes_from_the_memory_of_triggers()
    {
        var journal = Open(new UnreliableFolder { Room = 0 });
        for (var i = 1; i <= 6; i++)
            Add(journal, i);

        Assert.False(journal.TryGetTrigger("top", "part-1", out _));
        Assert.True(journal.TryGetTrigger("top", "part-2", out _));
    }

    [Fact]
    public void What_the_broker_refused_is_counted_over_a_restart()
    {
        var folder = new UnreliableFolder();
        var journal = Open(folder);
        journal.Refused(Add(journal, 1));
        journal.Dispose();

        Assert.Equal(1, Reopen(folder).Journal.TotalDropped);
    }

    [Fact]
    public void A_segment_can_be_read_at_the_next_start_however_large_the_budget() =>
        Assert.InRange((Verdicts with { Bytes = int.MaxValue * 1_000_000L }).SegmentBytes, 1, Array.MaxLength / 2);

    private Journal Open(UnreliableFolder folder, JournalOptions? options = null, Func<bool>? makeRoom = null)
    {
        var journal = new Journal(new SegmentLog(folder, (options ?? Verdicts).SegmentBytes), options ?? Verdicts, makeRoom ?? (() => false), _clock);
        journal.Open();
        return journal;
    }

    private (IReadOnlyList<TriggerEntry> Pending, Journal Journal) Reopen(UnreliableFolder folder)
    {
        var journal = new Journal(new SegmentLog(folder, Verdicts.SegmentBytes), Verdicts, () => false, _clock);
        return (journal.Open(), journal);
    }

    private TriggerEntry Trigger(int seq) => new(IdOf(seq), seq, "top", $"part-{seq}", "mqtt", _clock.GetUtcNow());

    private OutboxMessage Add(Journal journal, int seq, int size = 0)
    {
        var message = journal.Add(
            HeadersOf(seq),
            [.. Encoding.UTF8.GetBytes($"verdict {seq}"), .. new byte[size]],
            historical: false);
        journal.Flush();
        return message;
    }

    private MessageHeaders HeadersOf(int seq) =>
        new() { Topic = "t", ContentType = "application/json", Camera = "top", Seq = seq, Id = IdOf(seq), Trigger = $"part-{seq}", At = _clock.GetUtcNow() };

    private static Guid IdOf(int seq) => new(seq, 0, 0, new byte[8]);

    private static string Text(Journal journal, OutboxMessage message) => Encoding.UTF8.GetString(journal.Content(message)!.Value.Span);

    private static List<string> Waiting(Journal journal)
    {
        var texts = new List<string>();
        for (var message = journal.Next(0); message is not null; message = journal.Next(message.Number))
            texts.Add(Text(journal, message));
        return texts;
    }

    private static List<string> Texts(Journal journal) => [.. journal.Find(_ => true, 99).Select(l => Text(journal, l))];

    private sealed class ClockThatIsSet : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
