using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Reporting;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Reporting;

/// <summary>Two stations with one name at a broker in memory.</summary>
public sealed class NameConflictTests : IAsyncDisposable
{
    private static TimeSpan Timeout => TestTimeout.Value;

    private readonly MemoryBroker _broker = new();
    private readonly FakeClock _clock = new();
    private readonly StationTopics _topics = new("plant", "line", "press");
    private readonly List<IMqttLink> _links = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
            await link.DisposeAsync();
    }

    [Fact]
    public async Task Both_know_of_each_other_until_one_is_gone()
    {
        var (one, oneHealth, oneLink) = Start();
        await oneLink.PublishAsync(one.Online(_clock.GetUtcNow()), CancellationToken.None);
        var lifetime = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        var (other, otherHealth, otherLink) = Start(lifetime);

        await otherLink.PublishAsync(other.Online(_clock.GetUtcNow()), CancellationToken.None);

        foreach (var health in (StationHealth[])[oneHealth, otherHealth])
            await UntilAsync(health, now => now.State == StationState.Degraded && now.Reason!.StartsWith("another station with the name 'mrfad/v1/plant/line/press' is online", StringComparison.Ordinal));
        lifetime.StopApplication();
        await otherLink.PublishAsync(other.Offline("stopped", _clock.GetUtcNow()), CancellationToken.None);
        await UntilAsync(oneHealth, now => now is { State: StationState.Ready, Reason: null });
    }

    [Theory]
    [InlineData("none")]
    [InlineData("another")]
    [InlineData("its own")]
    public async Task A_station_that_is_said_to_be_offline_says_that_it_is_online(string instance)
    {
        var (own, _, _) = Start();
        var online = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var observer = _broker.Connect();
        _links.Add(observer);
        observer.Subscribe(_topics.Status, (message, _) =>
        {
            if (System.Text.Json.JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.StatusMessage) is { Status: Presence.Online } status && status.Instance == own.Instance)
                online.TrySetResult();
            return Task.CompletedTask;
        });
        observer.Start();
        var offline = new StatusMessage { Station = "press", Status = Presence.Offline, Reason = "hacked", Version = "1", Instance = instance switch { "none" => null, "another" => "x", _ => own.Instance } };

        await observer.PublishAsync(
            new MqttMessage(_topics.Status, System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(offline, MessageJson.Default.StatusMessage)) { Retain = true }, CancellationToken.None);

        await online.Task.WaitAsync(Timeout, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Three_of_one_name_answer_each_other_once_and_then_are_silent()
    {
        var published = 0;
        _broker.Passing = message =>
        {
            if (message.Topic == _topics.Status)
                Interlocked.Increment(ref published);
            return message;
        };
        var all = Enumerable.Range(0, 3).Select(_ => Start()).ToList();
        foreach (var (messages, _, link) in all)
            await link.PublishAsync(messages.Online(_clock.GetUtcNow()), CancellationToken.None);
        foreach (var (_, health, _) in all)
            await UntilAsync(health, now => now.State == StationState.Degraded);

        // Time for as many messages as would come if they went on answering.
        var marker = new SemaphoreSlim(0);
        var observer = _broker.Connect();
        _links.Add(observer);
        observer.Subscribe("marker", (_, _) => Task.FromResult(marker.Release()));
        observer.Start();
        for (var i = 0; i < 100; i++)
        {
            await observer.PublishAsync(new MqttMessage("marker", default), CancellationToken.None);
            Assert.True(await marker.WaitAsync(Timeout, TestContext.Current.CancellationToken));
        }

        // Each has gone online once and answered the two others once at most.
        Assert.InRange(Volatile.Read(ref published), 3, 9);
    }

    [Fact]
    public async Task The_stations_own_messages_and_those_of_its_earlier_run_are_no_conflict()
    {
        var before = new StationMessages(_topics, "0");
        var (own, health, link) = Start();
        var states = new List<StationState>();
        health.Changed += () => states.Add(health.Current.State);

        // What the broker retained; the will of the connection before; our own, which comes back; and what no station sends.
        await link.PublishAsync(own.Online(_clock.GetUtcNow()), CancellationToken.None);
        await link.PublishAsync(before.Will(), CancellationToken.None);
        await link.PublishAsync(new MqttMessage(_topics.Status, "{"u8.ToArray()), CancellationToken.None);
        await link.PublishAsync(new MqttMessage(_topics.Status, default), CancellationToken.None);
        await link.PublishAsync(own.Online(_clock.GetUtcNow()), CancellationToken.None);
        await link.PublishAsync(new StationMessages(_topics, "marker").Online(_clock.GetUtcNow()), CancellationToken.None);
        await UntilAsync(health, now => now.State == StationState.Degraded && now.Reason!.Contains("with agent marker", StringComparison.Ordinal));

        Assert.Equal([StationState.Degraded], states);
    }

    private (StationMessages Messages, StationHealth Health, IMqttLink Link) Start(IHostApplicationLifetime? lifetime = null)
    {
        var (messages, health, link) = (new StationMessages(_topics, "0"), new StationHealth(_clock), _broker.Connect());
        health.Prepared();
        new NameConflict(link, messages, health, _clock, NullLogger<NameConflict>.Instance, lifetime).Subscribe();
        link.Start();
        _links.Add(link);
        return (messages, health, link);
    }

    private static async Task UntilAsync(StationHealth health, Func<HealthReport, bool> isSo)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Check()
        {
            if (isSo(health.Current))
                changed.TrySetResult();
        }

        health.Changed += Check;
        Check();
        await changed.Task.WaitAsync(Timeout);
    }
}
