using System.Text;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Outbox;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

public sealed class OutboxAcknowledgementTests : IAsyncDisposable
{
    private readonly OutboxLab _lab = new();
    private readonly TaskCompletionSource _late = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_lost_acknowledgement_holds_up_no_other_verdict()
    {
        var (outbox, running) = Run("1");

        for (var i = 1; i <= 100; i++)
        {
            _lab.Add(outbox, i);
            await _lab.Link.NextAsync();
        }

        await _lab.UntilAsync(() => outbox.Verdicts.Waiting == 1, "all but the first are acknowledged");
        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}"), _lab.Texts());
        await EndAsync(outbox, running);
    }

    [Fact]
    public async Task A_verdict_without_acknowledgement_is_sent_again_alone_once_the_connection_counts_as_lost()
    {
        var (outbox, running) = Run("2");
        for (var i = 1; i <= 4; i++)
        {
            _lab.Add(outbox, i);
            await _lab.Link.NextAsync();
        }

        await _lab.UntilAsync(() => outbox.Verdicts.Waiting == 1, "all but the second are acknowledged");
        _lab.Link.Answer = null;
        _late.SetException(new MqttLinkException(MqttFailure.Lost, "not acknowledged"));
        await _lab.UntilAsync(() => outbox.Verdicts.Waiting == 0, "the second is acknowledged");

        Assert.Equal(["1", "2", "3", "4", "2 historical"], _lab.Texts());
        await EndAsync(outbox, running);
    }

    [Fact]
    public async Task What_was_lost_with_a_connection_is_sent_again_before_what_follows_it_though_the_next_connection_came_first()
    {
        var (outbox, running) = Run("2");
        for (var i = 1; i <= 2; i++)
        {
            _lab.Add(outbox, i);
            await _lab.Link.NextAsync();
        }

        _lab.Link.Lose("cut");
        _lab.Link.Connect();
        for (var i = 3; i <= 4; i++)
            _lab.Add(outbox, i);
        await _lab.UntilAsync(() => outbox.Verdicts is { Unsaved: 0, Waiting: 3 }, "the third and fourth are on disk, the second waits");
        // Time in which a sender that is wrong sends them.
        for (var i = 0; i < 50 && _lab.Link.Published.Count == 2; i++)
            await Task.Delay(10, _lab.Stop);
        _lab.Link.Answer = null;
        _late.SetException(new MqttLinkException(MqttFailure.Lost, "the connection was lost"));
        await _lab.UntilAsync(() => outbox.Verdicts.Waiting == 0, "all are acknowledged");

        Assert.Equal(["1", "2", "2", "3", "4"], _lab.Texts().Select(t => t.Split(' ')[0]));
        await EndAsync(outbox, running);
    }

    [Fact]
    public async Task The_pictures_of_other_verdicts_do_not_wait_for_a_lost_acknowledgement()
    {
        var (outbox, running) = Run("1");
        _lab.Add(outbox, 1);
        var second = _lab.Add(outbox, 2);
        outbox.AddPicture(_lab.HeadersOf(2) with { Topic = "t/top/heatmap" }, second, "heatmap", Encoding.UTF8.GetBytes("picture of 2"));

        // The clock stands still: a message that waits for more than a second is sent as historical.
        await Poll.UntilAsync(() => outbox.Pictures.Waiting == 0, "the picture is sent");

        Assert.Equal(["1", "2", "picture of 2"], _lab.Texts());
        await EndAsync(outbox, running);
    }

    [Fact]
    public async Task A_verdict_that_is_asked_for_before_its_acknowledgement_came_is_sent_once_more()
    {
        var (outbox, running) = Run("1");
        var message = _lab.Add(outbox, 1);
        await _lab.Link.NextAsync();

        Assert.True(outbox.Resend([message]));
        await EndAsync(outbox, running);

        Assert.Equal(["1", "1 historical"], _lab.Texts());
    }

    /// <summary>Runs an outbox whose broker does not acknowledge one of the verdicts until <see cref="_late"/> completes.</summary>
    private (StationOutbox Outbox, Task Running) Run(string unanswered)
    {
        _lab.Link.Answer = message => Encoding.UTF8.GetString(message.Payload.Span) == unanswered ? _late.Task : Task.CompletedTask;
        _lab.Link.Connect();
        var outbox = _lab.Open();
        return (outbox, outbox.RunAsync(_lab.Stop));
    }

    private async Task EndAsync(StationOutbox outbox, Task running)
    {
        _late.TrySetResult();
        outbox.Complete();
        await running.WaitAsync(OutboxLab.Timeout);
    }
}
