using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

public sealed class StationOutboxTests : IAsyncDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly CancellationTokenSource _stop = new();
    private readonly StationHealth _health;
    private readonly BrokerConnection _broker;

    public StationOutboxTests()
    {
        _health = new StationHealth(_clock);
        _broker = new BrokerConnection(_link, _health);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _meter.Dispose();
        _folder.Dispose();
        await _link.DisposeAsync();
    }

    [Fact]
    public async Task What_waits_for_the_broker_goes_out_in_order_and_is_historical()
    {
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        Add(outbox, 1);
        Add(outbox, 2);
        Assert.Empty(_link.Published);

        _link.Connect();
        await _link.NextAsync();
        await _link.NextAsync();
        Add(outbox, 3);
        outbox.Complete();
        await running.WaitAsync(Timeout);

        Assert.Equal(["1 historical", "2 historical", "3"], Texts());
    }

    [Fact]
    public async Task What_an_earlier_run_left_goes_out_first_historical_and_once()
    {
        using (var before = Open())
        {
            Add(before, 1);
            Add(before, 2);
        }

        _link.Connect();
        await RunAsync();
        Assert.Equal(["1 historical", "2 historical"], Texts());

        await RunAsync();
        Assert.Equal(2, Texts().Count);
    }

    [Fact]
    public async Task A_line_that_is_cut_under_messages_on_their_way_brings_them_all_again_in_order()
    {
        _link.Connect();
        for (var i = 0; i < 3; i++)
            _link.Failures.Enqueue(MqttFailure.Lost);
        using var outbox = Open();
        for (var i = 1; i <= 3; i++)
            Add(outbox, i);
        outbox.Complete();
        var running = outbox.RunAsync(_stop.Token);
        while (!running.IsCompleted)
        {
            // The retry delay passes; it is not known when the sender arms its timer.
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        await running;
        Assert.Equal(["1 historical", "2 historical", "3 historical"], Texts());
        Assert.Equal(0, outbox.Verdicts.Waiting);
    }

    [Fact]
    public async Task A_message_that_the_broker_refuses_does_not_block_the_next_and_is_counted()
    {
        _link.Connect();
        _link.Failures.Enqueue(MqttFailure.Refused);
        using var outbox = Open();
        Add(outbox, 1);
        Add(outbox, 2);
        outbox.Complete();

        await outbox.RunAsync(_stop.Token).WaitAsync(Timeout);

        Assert.Equal(["2"], Texts());
        Assert.Equal(1, outbox.Verdicts.TotalDropped);
    }

    [Fact]
    public async Task A_verdict_that_the_disk_does_not_give_back_does_not_block_the_next_and_is_counted()
    {
        using var outbox = Open();
        Add(outbox, 1);
        outbox.Verdicts.Flush();
        using (var file = File.Open(Assert.Single(Directory.GetFiles(Path.Combine(_folder.File("outbox"), "verdicts"))), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            file.SetLength(0);
        Add(outbox, 2);
        outbox.Complete();
        _link.Connect();

        await outbox.RunAsync(_stop.Token).WaitAsync(Timeout);

        Assert.Equal(["2 historical"], Texts());
        Assert.Equal(1, outbox.Verdicts.TotalDropped);
    }

    [Fact]
    public async Task A_verdict_that_was_dropped_before_it_could_be_sent_again_is_not_sent()
    {
        using var outbox = Open();
        var message = Add(outbox, 1);
        outbox.Verdicts.Flush();
        outbox.Resend([message]);
        outbox.Verdicts.DropOldest("bytes");
        Add(outbox, 2);
        outbox.Complete();
        _link.Connect();

        await outbox.RunAsync(_stop.Token).WaitAsync(Timeout);

        Assert.Equal(["2 historical"], Texts());
    }

    [Fact]
    public async Task A_verdict_that_is_sent_once_more_is_historical_though_it_was_new_the_first_time()
    {
        _link.Connect();
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        var message = Add(outbox, 1);
        await _link.NextAsync();

        Assert.True(outbox.Resend([message]));
        await _link.NextAsync();
        outbox.Complete();
        await running.WaitAsync(Timeout);

        Assert.Equal(["1", "1 historical"], Texts());
    }

    [Fact]
    public async Task A_fault_of_one_sender_ends_the_outbox_though_the_other_waits()
    {
        using var outbox = Open((_, _, _) => throw new InvalidOperationException("a bug"));
        Add(outbox, 1);
        _link.Connect();

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => outbox.RunAsync(_stop.Token).WaitAsync(Timeout))).Message);
    }

    [Fact]
    public async Task Messages_reported_as_waiting_are_reported_as_sent()
    {
        var messages = new StationMessages(new StationTopics("plant", "line", "s1"), "0");
        using var outbox = Open();
        var message = Add(outbox, 1);
        outbox.Verdicts.Flush();
        _link.Connect();
        var running = new OutboxPublisher(_broker, messages, outbox, _meter, _clock).RunAsync(_stop.Token);
        Assert.Contains("\"verdicts_waiting\":1,", Encoding.UTF8.GetString((await _link.NextAsync()).Payload.Span), StringComparison.Ordinal);

        outbox.Verdicts.Acknowledge(message);
        await _clock.TimerArmedAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("\"verdicts_waiting\":0,", Encoding.UTF8.GetString((await _link.NextAsync()).Payload.Span), StringComparison.Ordinal);

        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task A_picture_goes_out_after_its_verdict()
    {
        using var outbox = Open();
        var verdict = Add(outbox, 1);
        outbox.AddPicture(HeadersOf(1) with { ContentType = "image/png" }, verdict, "picture"u8);
        Add(outbox, 2);
        outbox.Complete();
        _link.Connect();

        await outbox.RunAsync(_stop.Token).WaitAsync(Timeout);

        Assert.True(Texts().IndexOf("1 historical") < Texts().IndexOf("picture historical"), string.Join(", ", Texts()));
    }

    [Fact]
    public void Two_processes_do_not_share_an_outbox()
    {
        using var first = Open();

        Assert.Contains("in use", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
    }

    private async Task RunAsync()
    {
        using var outbox = Open();
        outbox.Complete();
        await outbox.RunAsync(_stop.Token).WaitAsync(Timeout);
    }

    private StationOutbox Open(Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage>? write = null) => new(
        _folder.File("outbox"), new OutboxOptions(),
        write ?? ((headers, content, historical) => new MqttMessage(headers.Topic, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Span) + (historical ? " historical" : "")))),
        _broker, _health, _meter, _clock, NullLogger<StationOutbox>.Instance);

    private OutboxMessage Add(StationOutbox outbox, int seq) => outbox.AddVerdict(HeadersOf(seq), Encoding.UTF8.GetBytes($"{seq}"));

    private MessageHeaders HeadersOf(int seq) => new()
    {
        Topic = "t",
        ContentType = "application/json",
        Camera = "top",
        Seq = seq,
        Id = new Guid(seq, 0, 0, new byte[8]),
        Trigger = $"{seq}",
        At = _clock.GetUtcNow(),
    };

    private List<string> Texts() => [.. _link.Published.Select(m => Encoding.UTF8.GetString(m.Payload.Span))];
}
