using System.Text;
using Microsoft.Data.Sqlite;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Tests.Reporting;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>The messages that are sent, their order, and those that are sent again.</summary>
public sealed class StationOutboxTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task What_waits_for_the_broker_goes_out_in_order_and_is_historical()
    {
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        _lab.Add(outbox, 1);
        _lab.Add(outbox, 2);
        await _lab.SavedAsync(outbox);
        Assert.Empty(_lab.Link.Published);

        _lab.Link.Connect();
        await _lab.Link.NextAsync();
        await _lab.Link.NextAsync();
        _lab.Add(outbox, 3);
        outbox.Complete();
        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["1 historical", "2 historical", "3"], _lab.Texts());
    }

    [Fact]
    public void A_trigger_without_a_verdict_keeps_its_product_over_a_restart()
    {
        var before = _lab.Open();
        before.Add(_lab.Trigger(1) with { Product = "m6" });
        before.Add(_lab.Trigger(2));
        _lab.Close();

        var interrupted = _lab.Open().Interrupted;

        Assert.Equal(["m6", null], interrupted.Select(t => t.Product));
        Assert.Equal(("m6", Verdict.Invalid), (VerdictMessages.Interrupted(interrupted[0], "s1").Product, VerdictMessages.Interrupted(interrupted[0], "s1").Verdict));
    }

    [Fact]
    public async Task What_an_earlier_run_left_goes_out_first_historical_and_once()
    {
        var before = _lab.Open();
        _lab.Add(before, 1);
        _lab.Add(before, 2);
        _lab.Close();

        _lab.Link.Connect();
        await _lab.SendAllAsync();
        Assert.Equal(["1 historical", "2 historical"], _lab.Texts());

        await _lab.SendAllAsync();
        Assert.Equal(2, _lab.Texts().Count);
    }

    [Fact]
    public async Task More_messages_than_are_held_in_memory_go_out_in_order_and_once()
    {
        const int Many = 1500;
        var before = _lab.Open();
        for (var i = 1; i <= Many; i++)
            _lab.Add(before, i);
        _lab.Close();
        var outbox = _lab.Open();
        for (var i = Many + 1; i <= 2 * Many; i++)
            _lab.Add(outbox, i);
        Assert.Equal(2 * Many, outbox.Verdicts.Waiting);

        _lab.Link.Connect();
        outbox.Complete();
        await outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout);

        Assert.Equal(Enumerable.Range(1, 2 * Many).Select(i => $"{i} historical"), _lab.Texts());
        Assert.Equal(0, outbox.Verdicts.Waiting);
    }

    [Fact]
    public async Task A_line_that_is_cut_under_messages_on_their_way_brings_them_all_again_in_order()
    {
        _lab.Link.Connect();
        for (var i = 0; i < 3; i++)
            _lab.Link.Failures.Enqueue(MqttFailure.Lost);
        var outbox = _lab.Open();
        for (var i = 1; i <= 3; i++)
            _lab.Add(outbox, i);
        outbox.Complete();
        var running = outbox.RunAsync(_lab.Stop);
        await _lab.UntilAsync(() => running.IsCompleted, "all are sent");

        await running;
        Assert.Equal(["1 historical", "2 historical", "3 historical"], _lab.Texts());
        Assert.Equal(0, outbox.Verdicts.Waiting);
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_does_not_block_the_next_and_is_counted_over_a_restart()
    {
        _lab.Link.Connect();
        _lab.Link.Failures.Enqueue(MqttFailure.Refused);
        var outbox = _lab.Open();
        _lab.Add(outbox, 1);
        _lab.Add(outbox, 2);
        outbox.Complete();

        await outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["2"], _lab.Texts());
        Assert.Equal(1, outbox.Verdicts.TotalDropped);
        _lab.Close();
        var after = _lab.Open();
        Assert.Equal((0, 1L), (after.Verdicts.Waiting, after.Verdicts.TotalDropped));
    }

    [Fact]
    public async Task A_verdict_whose_text_has_changed_on_disk_is_not_sent_blocks_nothing_and_is_counted()
    {
        var before = _lab.Open();
        _lab.Add(before, 1);
        _lab.Add(before, 2);
        _lab.Close();
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        // The search after the start would find it, too.
        await _lab.Store.Checking;
        await _lab.Store.WriteAsync(connection => connection.Run("UPDATE verdicts SET message = 'x' WHERE seq = 1"));
        outbox.Complete();
        _lab.Link.Connect();

        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["2 historical"], _lab.Texts());
        Assert.Equal(1, outbox.Verdicts.TotalDropped);
    }

    [Fact]
    public async Task A_topic_that_the_broker_does_not_take_holds_up_no_other()
    {
        var outbox = _lab.Open((headers, content, _) => headers.Camera == "top" ? throw new MqttLinkException(MqttFailure.Lost, "not this topic") : new MqttMessage(headers.Topic, content));
        _lab.Add(outbox, 1);
        _lab.Add(outbox, 1, camera: "side");
        _lab.Add(outbox, 2, camera: "side");
        _lab.Link.Connect();
        var running = outbox.RunAsync(_lab.Stop);

        await _lab.Link.NextAsync();
        await _lab.Link.NextAsync();

        Assert.Equal(["1", "2"], _lab.Texts());
        Assert.True(outbox.Verdicts.IsWaiting("t/top"));
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task A_verdict_that_was_deleted_before_it_could_be_sent_again_is_not_sent()
    {
        _lab.Link.Connect();
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        _lab.Add(outbox, 1);
        await _lab.Link.NextAsync();
        await _lab.SavedAsync(outbox);
        var found = outbox.Verdicts.Find(new ReplayCommand { Camera = "top" }, 9);
        await _lab.Store.WriteAsync(connection => connection.Run("DELETE FROM verdicts"));

        Assert.True(outbox.Resend(found));
        _lab.Add(outbox, 2);
        outbox.Complete();
        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["1", "2"], _lab.Texts());
    }

    [Fact]
    public async Task A_verdict_that_is_sent_once_more_is_historical_though_it_was_new_the_first_time()
    {
        _lab.Link.Connect();
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        var message = _lab.Add(outbox, 1);
        await _lab.Link.NextAsync();

        Assert.True(outbox.Resend([message]));
        await _lab.Link.NextAsync();
        outbox.Complete();
        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["1", "1 historical"], _lab.Texts());
    }

    [Fact]
    public async Task A_verdict_that_waits_is_not_sent_earlier_because_it_is_asked_for()
    {
        _lab.Link.Connect();
        var outbox = _lab.Open();
        var running = outbox.RunAsync(_lab.Stop);
        using var gate = new ManualResetEventSlim();
        var blocked = _lab.Store.WriteAsync(_ => gate.Wait());
        _lab.Add(outbox, 1);
        _lab.Add(outbox, 2);
        Assert.True(outbox.Verdicts.TryGetTrigger("top", "part-2", out var second));

        Assert.True(outbox.Resend([second!]));
        gate.Set();
        await blocked.WaitAsync(OutboxLab.Timeout);
        outbox.Complete();
        await running.WaitAsync(OutboxLab.Timeout);

        Assert.Equal(["1", "2"], _lab.Texts());
    }

    [Fact]
    public async Task Stored_verdicts_are_found_by_each_field_of_a_replay_those_in_memory_included()
    {
        var outbox = _lab.Open();
        for (var i = 1; i <= 5; i++)
        {
            _lab.Add(outbox, i);
            _lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await _lab.SavedAsync(outbox);
        using var gate = new ManualResetEventSlim();
        _ = _lab.Store.WriteAsync(_ => gate.Wait());
        _lab.Add(outbox, 6);
        var start = _lab.Clock.GetUtcNow() - TimeSpan.FromSeconds(5);
        Assert.Equal([3], Seqs(new ReplayCommand { Id = OutboxLab.IdOf(3) }));
        Assert.Equal([6], Seqs(new ReplayCommand { Trigger = "part-6" }));
        Assert.Equal([4, 5, 6], Seqs(new ReplayCommand { Camera = "top", FromSeq = 4 }));
        Assert.Equal([1, 2], Seqs(new ReplayCommand { ToSeq = 2 }));
        Assert.Equal([2, 3], Seqs(new ReplayCommand { From = start.AddSeconds(1), To = start.AddSeconds(3) }));
        Assert.Empty(Seqs(new ReplayCommand { Camera = "side" }));
        gate.Set();

        List<long> Seqs(ReplayCommand wanted) => [.. outbox.Verdicts.Find(wanted, 99).Select(m => m.Headers.Seq)];
    }

    [Fact]
    public async Task A_fault_of_one_sender_ends_the_outbox_though_the_other_waits()
    {
        var outbox = _lab.Open((_, _, _) => throw new InvalidOperationException("a bug"));
        _lab.Add(outbox, 1);
        _lab.Link.Connect();

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout))).Message);
    }

    [Fact]
    public async Task An_error_of_a_write_that_is_not_of_the_disk_ends_the_outbox()
    {
        var outbox = _lab.Open();
        await _lab.Store.WriteAsync(connection => connection.Run("DROP TABLE pending_triggers"));
        var running = outbox.RunAsync(_lab.Stop);

        outbox.Add(_lab.Trigger(1));

        Assert.Contains("pending_triggers", (await Assert.ThrowsAsync<SqliteException>(() => running.WaitAsync(OutboxLab.Timeout))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_reported_as_waiting_are_reported_as_sent()
    {
        var messages = new StationMessages(new StationTopics("plant", "line", "s1"), "0");
        var outbox = _lab.Open();
        var message = _lab.Add(outbox, 1);
        _lab.Link.Connect();
        var running = new OutboxPublisher(_lab.Broker, messages, outbox, _lab.Meter, _lab.Clock).RunAsync(_lab.Stop);
        Assert.Contains("\"verdicts_waiting\":1,", Encoding.UTF8.GetString((await _lab.Link.NextAsync()).Payload.Span), StringComparison.Ordinal);

        outbox.Verdicts.Acknowledge(message);
        await _lab.Clock.TimerArmedAsync();
        _lab.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("\"verdicts_waiting\":0,", Encoding.UTF8.GetString((await _lab.Link.NextAsync()).Payload.Span), StringComparison.Ordinal);
        Assert.False(running.IsCompleted);
    }

    [Fact]
    public async Task A_picture_goes_out_after_its_verdict_and_stays_on_disk()
    {
        var outbox = _lab.Open();
        var verdict = _lab.Add(outbox, 1);
        outbox.AddPicture(_lab.HeadersOf(1) with { Topic = "t/top/frame", ContentType = "image/png" }, verdict, "frame", "picture"u8.ToArray());
        _lab.Add(outbox, 2);
        outbox.Complete();
        _lab.Link.Connect();

        await outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout);

        Assert.True(_lab.Texts().IndexOf("1 historical") < _lab.Texts().IndexOf("picture historical"), string.Join(", ", _lab.Texts()));
        _lab.Close();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_lab.State, "pictures"), "*", SearchOption.AllDirectories));
        Assert.Equal($"{OutboxLab.IdOf(1)}-frame.png", Path.GetFileName(file));
        await _lab.SendAllAsync();
        Assert.Equal(3, _lab.Texts().Count);
    }

    [Fact]
    public async Task A_picture_of_an_earlier_run_goes_out_after_its_verdict()
    {
        var before = _lab.Open();
        var verdict = _lab.Add(before, 1);
        before.AddPicture(_lab.HeadersOf(1) with { Topic = "a/picture", ContentType = "image/png" }, verdict, "frame", "picture"u8.ToArray());
        _lab.Close();

        _lab.Link.Connect();
        await _lab.SendAllAsync();

        Assert.Equal(["1 historical", "picture historical"], _lab.Texts());
    }

    [Fact]
    public async Task A_verdict_of_an_earlier_run_is_sent_under_its_topic_with_the_type_of_its_content()
    {
        _lab.Add(_lab.Open(), 1, camera: "side");
        _lab.Close();
        _lab.Link.Connect();
        var outbox = _lab.Open((headers, content, _) => new MqttMessage(headers.Topic, content) { ContentType = headers.ContentType });
        outbox.Complete();
        await outbox.RunAsync(_lab.Stop).WaitAsync(OutboxLab.Timeout);

        var sent = Assert.Single(_lab.Link.Published);
        Assert.Equal(("t/side", "application/json"), (sent.Topic, sent.ContentType));
    }

    [Fact]
    public async Task The_hottest_spots_of_a_part_are_kept_with_its_verdict()
    {
        var outbox = _lab.Open();
        var headers = _lab.HeadersOf(1);
        var verdict = Messages.Ng with { Id = headers.Id, Camera = headers.Camera, Seq = headers.Seq };

        outbox.AddVerdict(headers, verdict, "{}"u8.ToArray(), spots: """[{"x":1}]""");
        await _lab.SavedAsync(outbox);

        Assert.Equal(
            [(headers.Id.ToString(), """[{"x":1}]""")],
            _lab.Store.Read(connection => connection.Read("SELECT verdict_id, spots FROM explanations", row => (row.GetString(0), row.GetString(1)))));
    }

    [Fact]
    public void Two_processes_do_not_share_an_outbox()
    {
        _lab.Open();

        Assert.Contains("in use", Assert.Throws<IOException>(() => _lab.Open()).Message, StringComparison.Ordinal);
    }
}
