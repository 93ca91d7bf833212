using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>A broker that refuses a topic for now, or a message for good.</summary>
public sealed class OutboxRefusalTests : IAsyncDisposable
{
    private static TimeSpan Timeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0");
    private readonly CancellationTokenSource _stop = new();
    private readonly StationHealth _health;
    private readonly BrokerConnection _broker;
    private ResultsStore? _store;

    public OutboxRefusalTests()
    {
        _health = new StationHealth(_clock);
        _broker = new BrokerConnection(_link, _health);
        _link.Connect();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _store?.Dispose();
        _meter.Dispose();
        _folder.Dispose();
        await _link.DisposeAsync();
    }

    [Theory]
    [InlineData(MqttFailure.Denied)]
    [InlineData(MqttFailure.QuotaExceeded)]
    [InlineData(MqttFailure.BrokerError)]
    public async Task Verdicts_that_are_refused_for_now_wait_and_go_out_in_order_once_they_are_allowed(MqttFailure failure)
    {
        _link.Refused["top/verdict"] = failure;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        for (var seq = 1; seq <= 40; seq++)
            AddVerdict(outbox, "top", seq);
        // More than are on their way at once: those that were refused first have been tried again.
        await RefusedAsync(count: 20);
        Assert.Empty(_link.Published);
        Assert.Equal(0, outbox.Verdicts.TotalDropped);

        _link.Refused.Clear();
        await EndAsync(outbox, running);

        Assert.Equal(Enumerable.Range(1, 40).Select(seq => $"top/verdict {seq}"), Texts());
        Assert.Equal((0, 0), (outbox.Verdicts.Waiting, outbox.Verdicts.TotalDropped));
    }

    [Fact]
    public async Task A_camera_whose_topic_is_refused_does_not_hold_up_the_others()
    {
        _link.Refused["top/verdict"] = MqttFailure.Denied;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        for (var seq = 1; seq <= 40; seq++)
        {
            AddVerdict(outbox, "top", seq);
            AddVerdict(outbox, "side", seq);
        }

        for (var seq = 1; seq <= 40; seq++)
            Assert.Equal($"side/verdict {seq}", Text(await _link.NextAsync()));

        _link.Refused.Clear();
        await EndAsync(outbox, running);
        Assert.Equal(Enumerable.Range(1, 40).Select(seq => $"top/verdict {seq}"), Texts().Skip(40));
    }

    [Fact]
    public async Task A_refused_topic_is_tried_with_one_message_at_a_time_and_less_and_less_often()
    {
        _link.Refused["top/verdict"] = MqttFailure.Denied;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        for (var seq = 1; seq <= 100; seq++)
            AddVerdict(outbox, "top", seq);

        await RefusedAsync(count: 20);
        var before = _clock.GetTimestamp();
        await RefusedAsync(count: 10);

        // By now each attempt is at least a quarter of a minute after the one before.
        Assert.True(_clock.GetElapsedTime(before) > TimeSpan.FromSeconds(9 * 15), $"{_clock.GetElapsedTime(before)}");
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public async Task Pictures_that_are_refused_hold_up_neither_verdicts_nor_the_pictures_of_others()
    {
        _link.Refused["top/heatmap"] = MqttFailure.Denied;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        AddPicture(outbox, "top", 1);
        AddPicture(outbox, "side", 1);
        AddPicture(outbox, "top", 2);

        var sent = new List<string>();
        while (sent.Count < 4)
            sent.Add(Text(await _link.NextAsync()));
        Assert.Equal(["side/heatmap 1", "side/verdict 1", "top/verdict 1", "top/verdict 2"], sent.Order(StringComparer.Ordinal));

        _link.Refused.Clear();
        await EndAsync(outbox, running);
        Assert.Equal(["top/heatmap 1", "top/heatmap 2"], Texts().Skip(4));
    }

    [Fact]
    public async Task A_picture_whose_verdict_is_refused_waits_for_it_and_pictures_of_others_do_not()
    {
        _link.Refused["top/verdict"] = MqttFailure.QuotaExceeded;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        AddPicture(outbox, "top", 1);
        AddPicture(outbox, "side", 1);

        Assert.Equal("side/verdict 1", Text(await _link.NextAsync()));
        Assert.Equal("side/heatmap 1", Text(await _link.NextAsync()));

        _link.Refused.Clear();
        await EndAsync(outbox, running);
        Assert.Equal(["top/verdict 1", "top/heatmap 1"], Texts().Skip(2));
    }

    [Fact]
    public async Task A_verdict_that_was_refused_before_is_historical_however_soon_it_is_allowed()
    {
        _link.Failures.Enqueue(MqttFailure.QuotaExceeded);
        using var outbox = Open((headers, content, historical) => new MqttMessage(historical ? "historical" : headers.Topic, content));
        AddVerdict(outbox, "top", 1);

        await EndAsync(outbox, outbox.RunAsync(_stop.Token));

        Assert.Equal(["historical 1"], Texts());
    }

    [Fact]
    public async Task A_message_that_can_never_be_accepted_is_dropped_and_counted_though_one_before_it_waits()
    {
        _link.Refused["top/verdict"] = MqttFailure.Denied;
        _link.Refused["side/verdict"] = MqttFailure.Refused;
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        AddVerdict(outbox, "top", 1);
        AddVerdict(outbox, "side", 1);
        AddVerdict(outbox, "back", 1);
        Assert.Equal("back/verdict 1", Text(await _link.NextAsync()));

        while (outbox.Verdicts.TotalDropped == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(1), _stop.Token);
        _link.Refused.Clear();
        await EndAsync(outbox, running);

        Assert.Equal(["back/verdict 1", "top/verdict 1"], Texts());
        Assert.Equal(1, outbox.Verdicts.TotalDropped);
    }

    [Fact]
    public async Task What_was_refused_until_the_end_is_sent_by_the_next_run()
    {
        _link.Refused["top/verdict"] = MqttFailure.Denied;
        using (var before = Open())
        {
            var running = before.RunAsync(_stop.Token);
            AddVerdict(before, "top", 1);
            AddVerdict(before, "side", 1);
            Assert.Equal("side/verdict 1", Text(await _link.NextAsync()));
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        _store!.Dispose();
        _link.Refused.Clear();
        using var after = Open();
        await EndAsync(after, after.RunAsync(CancellationToken.None));

        Assert.Contains("top/verdict 1", Texts());
    }

    [Fact]
    public async Task A_verdict_that_is_sent_once_more_waits_while_its_topic_is_refused_and_others_go_on()
    {
        using var outbox = Open();
        var running = outbox.RunAsync(_stop.Token);
        var (top, side) = (AddVerdict(outbox, "top", 1), AddVerdict(outbox, "side", 1));
        await _link.NextAsync();
        await _link.NextAsync();
        _link.Refused["top/verdict"] = MqttFailure.Denied;

        Assert.True(outbox.Resend([top, side]));
        Assert.Equal("side/verdict 1", Text(await _link.NextAsync()));
        await Poll.UntilAsync(() => _link.FailureCount > 0, "it is refused");
        AddVerdict(outbox, "side", 2);
        Assert.Equal("side/verdict 2", Text(await _link.NextAsync()));
        // The clock stands still: until its time has come it is not tried again.
        Assert.Equal(1, _link.FailureCount);

        _link.Refused.Clear();
        await EndAsync(outbox, running);
        Assert.Equal("top/verdict 1", Texts()[^1]);
    }

    /// <summary>Lets time pass until the link has refused that many messages more.</summary>
    private async Task RefusedAsync(int count)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        for (var wanted = _link.FailureCount + count; _link.FailureCount < wanted; await Task.Yield())
        {
            timeout.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        }
    }

    /// <summary>Lets time pass until everything is sent.</summary>
    private async Task EndAsync(StationOutbox outbox, Task running)
    {
        outbox.Complete();
        using var timeout = new CancellationTokenSource(Timeout);
        for (; !running.IsCompleted; await Task.Yield())
        {
            timeout.Token.ThrowIfCancellationRequested();
            _clock.Advance(TimeSpan.FromMilliseconds(200));
        }

        await running;
    }

    private StationOutbox Open(Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage>? write = null) => new(
        _store = new ResultsStore(_folder.File("state"), _clock), new OutboxOptions(), write ?? ((headers, content, _) => new MqttMessage(headers.Topic, content)), _broker, _health, _meter, _clock, NullLogger<StationOutbox>.Instance);

    private OutboxMessage AddVerdict(StationOutbox outbox, string camera, int seq)
    {
        var headers = HeadersOf(camera, "verdict", seq);
        return outbox.AddVerdict(
            headers,
            Messages.Ng with { Id = headers.Id, Camera = camera, Seq = seq, Trigger = new VerdictTrigger { Id = headers.Trigger, Source = "mqtt", At = headers.At } },
            Encoding.UTF8.GetBytes($"{seq}"));
    }

    private void AddPicture(StationOutbox outbox, string camera, int seq) =>
        outbox.AddPicture(HeadersOf(camera, "heatmap", seq) with { ContentType = "image/png" }, AddVerdict(outbox, camera, seq), "heatmap", Encoding.UTF8.GetBytes($"{seq}"));

    private MessageHeaders HeadersOf(string camera, string kind, int seq) => new()
    {
        Topic = $"{camera}/{kind}",
        ContentType = "application/json",
        Camera = camera,
        Seq = seq,
        Id = Guid.NewGuid(),
        Trigger = $"{camera} {seq}",
        At = _clock.GetUtcNow(),
    };

    private List<string> Texts() => [.. _link.Published.Select(Text)];

    private static string Text(MqttMessage message) => $"{message.Topic} {Encoding.UTF8.GetString(message.Payload.Span)}";
}
