using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Agent.Health;
using MrfAd.Agent.Mqtt;
using MrfAd.Agent.Outbox;
using MrfAd.Agent.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Agent.Tests.Outbox;

public sealed class StationOutboxTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();
    private readonly FakeLink _link = new();
    private readonly MrfAdMeter _meter = new("0", "test");
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
    public async Task What_waits_for_the_broker_goes_out_in_order_and_is_called_late()
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
        await running.WaitAsync(Patience);

        Assert.Equal(["1 late", "2 late", "3"], Texts());
    }

    [Fact]
    public async Task What_an_earlier_run_left_goes_out_first_late_and_once()
    {
        using (var before = Open())
        {
            Add(before, 1);
            Add(before, 2);
        }

        _link.Connect();
        await RunAsync();
        Assert.Equal(["1 late", "2 late"], Texts());

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
            // The retry's time; when it is armed is the sender's business.
            _clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        await running;
        Assert.Equal(["1 late", "2 late", "3 late"], Texts());
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

        await outbox.RunAsync(_stop.Token).WaitAsync(Patience);

        Assert.Equal(["2"], Texts());
        Assert.Equal(1, outbox.Verdicts.DroppedEver);
    }

    [Fact]
    public async Task A_picture_goes_out_after_its_verdict()
    {
        using var outbox = Open();
        var verdict = Add(outbox, 1);
        outbox.AddPicture(LabelOf(1) with { ContentType = "image/png" }, verdict, "picture"u8);
        Add(outbox, 2);
        outbox.Complete();
        _link.Connect();

        await outbox.RunAsync(_stop.Token).WaitAsync(Patience);

        Assert.True(Texts().IndexOf("1 late") < Texts().IndexOf("picture late"), string.Join(", ", Texts()));
    }

    [Fact]
    public void Two_processes_do_not_share_an_outbox()
    {
        using var first = Open();

        Assert.Contains("in use", Assert.Throws<IOException>(Open).Message, StringComparison.Ordinal);
    }

    private async Task RunAsync()
    {
        using var outbox = Open();
        outbox.Complete();
        await outbox.RunAsync(_stop.Token).WaitAsync(Patience);
    }

    private StationOutbox Open() => new(
        _folder.File("outbox"), new OutboxOptions(),
        (label, content, late) => new MqttMessage(label.Topic, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Span) + (late ? " late" : ""))),
        _link, _broker, _health, _meter, _clock, NullLogger<StationOutbox>.Instance);

    private Letter Add(StationOutbox outbox, int seq) => outbox.AddVerdict(LabelOf(seq), Encoding.UTF8.GetBytes($"{seq}"));

    private Label LabelOf(int seq) => new()
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
