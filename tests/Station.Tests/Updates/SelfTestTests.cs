using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Updates;

public sealed class SelfTestTests : IAsyncLifetime
{
    private static TimeSpan Limit => TestTimeout.Value;

    private readonly UpdateLab _lab = new();
    private readonly StationHealth _health = new(TimeProvider.System);
    private readonly FakeLink _link = new();

    public async ValueTask InitializeAsync()
    {
        _lab.AddGolden("good", 10);
        _lab.AddGolden("bad", 200);
        await _lab.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        await _link.DisposeAsync();
    }

    [Fact]
    public async Task Golden_parts_that_are_judged_rightly_pass()
    {
        using var test = Make();

        var found = await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.True(found.Passed, found.Reason);
        Assert.Equal(["good/10.png", "bad/200.png"], found.Parts.Select(p => p.Part));
    }

    [Fact]
    public async Task A_golden_part_that_may_not_be_read_fails_the_test_with_the_reason_and_ends_nothing()
    {
        var path = UnreadableFile.Link(_lab.Folder.File("golden/good/0.png"));
        using var test = Make();

        await test.StartAsync(CancellationToken.None);
        var found = await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.False(found.Passed);
        Assert.Equal($"good/0.png was INVALID, want OK: {path}: permission denied", found.Reason);
        Assert.Equal(3, found.Parts.Count);
        Assert.Contains($"self-test: {found.Reason}", _health.Current.Reason, StringComparison.Ordinal);
        await test.StopAsync(CancellationToken.None);
        Assert.True(test.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_golden_folder_that_may_not_be_listed_fails_the_test_with_the_reason_and_ends_nothing()
    {
        var folder = _lab.Folder.File("golden/good");
        using var locked = new LockedFolder(folder);
        using var test = Make();

        await test.StartAsync(CancellationToken.None);
        var found = await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.Equal($"{folder}: permission denied", found.Reason);
        await test.StopAsync(CancellationToken.None);
        Assert.True(test.ExecuteTask!.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task First_scores_that_cannot_be_read_are_taken_anew()
    {
        using var test = Make();
        await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);
        var kept = Assert.Single(Directory.GetFiles(_lab.State, "self-test-*.json"));
        File.Delete(kept);
        Directory.CreateDirectory(kept);

        var found = await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);

        Assert.True(found.Passed, found.Reason);
        Assert.All(found.Parts, part => Assert.Null(part.FirstScore));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"good/10.png\":null}")]
    [InlineData("[1")]
    public async Task First_scores_that_are_damaged_are_taken_anew(string content)
    {
        using var test = Make();
        await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit);
        await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_lab.State, "self-test-*.json")), content, TestContext.Current.CancellationToken);

        Assert.All((await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit)).Parts, part => Assert.Null(part.FirstScore));
        Assert.All((await test.RunOnceAsync(CancellationToken.None).WaitAsync(Limit)).Parts, part => Assert.NotNull(part.FirstScore));
    }

    [Fact]
    public async Task Without_golden_parts_there_is_no_test()
    {
        using var test = new SelfTest(_lab.Options with { GoldenFolder = null }, _lab.Bank, _health, _link, new BrokerConnection(_link, _health), _lab.Topics, TimeProvider.System, _lab.State);

        var error = await Assert.ThrowsAsync<UpdateRefusedException>(() => test.RunOnceAsync(CancellationToken.None));

        Assert.Equal("there are no reference parts (updates.golden_folder)", error.Message);
    }

    [Fact]
    public async Task The_test_runs_at_its_interval_and_its_result_is_published_retained_and_again_after_each_connect()
    {
        var clock = new FakeClock();
        var (start, every) = (clock.GetUtcNow(), TimeSpan.FromHours(1));
        using var test = new SelfTest(_lab.Options with { SelfTestEvery = every }, _lab.Bank, _health, _link, new BrokerConnection(_link, _health), _lab.Topics, clock, _lab.State);
        _link.Connect();
        await test.StartAsync(CancellationToken.None);

        var message = await _link.NextAsync();
        Assert.Equal((_lab.Topics.SelfTest, true, "application/json"), (message.Topic, message.Retain, message.ContentType));
        await clock.TimerArmedAsync();
        clock.Advance(every);
        await _link.NextAsync();
        await clock.TimerArmedAsync();
        _link.Lose("lost");
        _link.Connect();
        await _link.NextAsync();

        Assert.Equal([.. new[] { 0, 1, 1 }.Select(n => start + (n * every))], _link.Published.Select(AtOf));
        await test.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task A_result_that_the_broker_has_refused_is_published_when_it_is_due_for_a_retry()
    {
        using var test = new SelfTest(_lab.Options, _lab.Bank, _health, _link, new BrokerConnection(_link, _health), _lab.Topics, TimeProvider.System, _lab.State);
        _link.Refused[_lab.Topics.SelfTest] = MqttFailure.Denied;
        _link.Connect();
        await test.StartAsync(CancellationToken.None);
        await Poll.UntilAsync(() => _link.FailureCount > 0, "the broker refuses the result");
        _link.Refused.Clear();

        // The test may not have noted the refusal yet.
        await Poll.UntilAsync(
            () =>
            {
                _link.RaiseRetryDue();
                return _link.Published.Count > 0;
            },
            "the result is published");
        await test.StopAsync(CancellationToken.None);
    }

    private static DateTimeOffset AtOf(MqttMessage message) => JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.SelfTestMessage)!.At;

    private SelfTest Make()
    {
        var link = _lab.Broker.Connect();
        return new SelfTest(_lab.Options, _lab.Bank, _health, link, new BrokerConnection(link, _health), _lab.Topics, TimeProvider.System, _lab.State);
    }
}
