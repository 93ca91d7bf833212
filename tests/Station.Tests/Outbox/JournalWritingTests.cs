using System.Text.Json;
using System.Text.Json.Nodes;
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
        journal.Synced += _ => SpinWait.SpinUntil(() => Enumerable.Range(2, Waiting).All(i => journal.TryGetTrigger("top", $"part-{i}", out var _)), TimeSpan.FromSeconds(20));

        await Task.WhenAll(Enumerable.Range(2, Waiting).Select(i => Task.Factory.StartNew(() => journal.Add(Trigger(i)), TaskCreationOptions.LongRunning)));

        Assert.InRange(folder.Syncs - before, 1, 2);
        using var after = Open(folder, out var pending);
        Assert.Equal(1 + Waiting, pending.Count);
    }

    [Fact]
    public void A_trigger_that_a_failed_write_left_again_behind_its_verdict_is_not_pending_again()
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

        using var journal = Open(folder, out var pending);

        Assert.Empty(pending);
        Assert.True(journal.TryGetTrigger("top", "part-1", out var verdict));
        Assert.Equal(trigger.Id, verdict!.Headers.Id);
    }

    [Fact]
    public void A_checkpoint_has_the_field_names_of_the_outboxes_that_are_on_disk()
    {
        const string Stored = """{"last":3,"acknowledged":2,"seqs":{"top":4},"dropped":{"age":1},"owed":[{"id":"00000001-0000-0000-0000-000000000000","seq":4,"camera":"top","trigger":"part-4","source":"mqtt","at":"2026-01-01T00:00:00+00:00"}]}""";

        var checkpoint = JsonSerializer.Deserialize(Stored, OutboxJson.Default.Checkpoint)!;

        Assert.Equal("part-4", Assert.Single(checkpoint.Pending).Trigger);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Stored), JsonSerializer.SerializeToNode(checkpoint, OutboxJson.Default.Checkpoint)));
    }

    private static Journal Open(UnreliableFolder folder) => Open(folder, out _);

    private static Journal Open(UnreliableFolder folder, out IReadOnlyList<TriggerEntry> pending)
    {
        var journal = new Journal(new SegmentLog(folder, Options.SegmentBytes), Options, () => false, TimeProvider.System);
        pending = journal.Open();
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
