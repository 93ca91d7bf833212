using System.Text.Json;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>Writing records to the disk, and what a failed write leaves there.</summary>
public sealed class JournalWritingTests
{
    private static readonly JournalOptions Options = new("verdict", 10_000_000, TimeSpan.FromHours(24), KeepsSent: true, TimeSpan.FromHours(1), MessagesInMemory: 5);

    [Fact]
    public async Task One_sync_serves_all_who_wait()
    {
        const int Waiting = 16;
        var folder = new UnreliableFolder();
        using var journal = Open(folder);
        journal.Add(Trigger(1));
        var before = folder.Syncs;
        // The sync of the second trigger lasts until all others wait for theirs.
        journal.Synced += _ => SpinWait.SpinUntil(() => Enumerable.Range(2, Waiting).All(i => journal.Knows("top", $"part-{i}", out var _)), TimeSpan.FromSeconds(20));

        await Task.WhenAll(Enumerable.Range(2, Waiting).Select(i => Task.Factory.StartNew(() => journal.Add(Trigger(i)), TaskCreationOptions.LongRunning)));

        Assert.InRange(folder.Syncs - before, 1, 2);
        using var after = Open(folder, out var owed);
        Assert.Equal(1 + Waiting, owed.Count);
    }

    [Fact]
    public void A_trigger_that_a_failed_write_left_again_behind_its_verdict_is_owed_no_second_one()
    {
        var folder = new UnreliableFolder();
        var trigger = Trigger(1);
        using (var log = new SegmentLog(folder, Options.SegmentBytes))
        {
            var body = JsonSerializer.SerializeToUtf8Bytes(trigger, OutboxJson.Default.TriggerEntry);
            log.Begin();
            log.Append(RecordKind.Trigger, 1, body, out _);
            log.Append(RecordKind.Message, 1, OutboxMessageBody.Join(HeadersOf(trigger), "verdict"u8), out _);
            log.Append(RecordKind.Trigger, 1, body, out _);
            log.Flush(sync: true);
        }

        using var journal = Open(folder, out var owed);

        Assert.Empty(owed);
        Assert.True(journal.Knows("top", "part-1", out var verdict));
        Assert.Equal(trigger.Id, verdict!.Headers.Id);
    }

    private static Journal Open(UnreliableFolder folder) => Open(folder, out _);

    private static Journal Open(UnreliableFolder folder, out IReadOnlyList<TriggerEntry> owed)
    {
        var journal = new Journal(new SegmentLog(folder, Options.SegmentBytes), Options, () => false, TimeProvider.System);
        owed = journal.Open();
        return journal;
    }

    private static TriggerEntry Trigger(int seq) => new(new Guid(seq, 0, 0, new byte[8]), seq, "top", $"part-{seq}", "mqtt", TimeProvider.System.GetUtcNow());

    private static MessageHeaders HeadersOf(TriggerEntry trigger) => new()
    {
        Topic = "t",
        ContentType = "application/json",
        Camera = trigger.Camera,
        Seq = trigger.Seq,
        Id = trigger.Id,
        Trigger = trigger.Trigger,
        At = trigger.At,
    };
}
