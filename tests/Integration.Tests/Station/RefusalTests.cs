using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>A station whose broker refuses some of its topics: what it says of that, what goes on, and what is sent once it is allowed.</summary>
public sealed class RefusalTests(LearnedStation learned) : IClassFixture<LearnedStation>, IDisposable
{
    private const string Root = Listener.Root;

    // All others may do everything; the station has a user of its own.
    private const string Others = "topic readwrite #\nuser press\n";


    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_refused_heatmap_holds_up_no_verdict_and_comes_once_it_is_allowed()
    {
        await using var broker = await StartAsync(Write("status", "state", "outbox", "bank", "top/verdict") + Read("cmd/+"));
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await using var agent = Run(broker, """[{ "name": "top", "source": "folder:parts", "loop": true }]""");
        var url = await agent.ListeningAsync();
        await listener.StateAsync(StationState.Ready);

        await listener.TriggerAsync("""{"id":"1"}""");
        await listener.TriggerAsync("""{"id":"2"}""");

        Assert.Equal(["1", "2"], (await listener.VerdictsAsync(2)).Select(v => v.Trigger.Id));
        var refusal = $"the broker refuses messages on '{Root}/top/heatmap': not authorized";
        Assert.Equal(refusal, (await StateAsync(listener, state => state.State == StationState.Degraded)).Reason);
        await UntilHealthAsync(url, state => state is { State: StationState.Degraded } && state.Reason == refusal);

        await broker.ChangeAccessRulesAsync(Others + "topic readwrite #");
        await listener.ReceivedAsync(2, Listener.IsHeatmap);
        await RecoveryAsync(listener);
    }

    [Fact]
    public async Task A_camera_that_may_not_report_holds_up_no_other_and_reports_in_order_once_it_may()
    {
        await using var broker = await StartAsync(Write("status", "state", "outbox", "bank", "left/#") + Read("cmd/+"));
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await using var agent = Run(broker, """
            [
                { "name": "left", "source": "folder:parts", "loop": true, "heatmap": { "publish": "never" } },
                { "name": "right", "source": "folder:parts", "loop": true, "heatmap": { "publish": "never" } }
            ]
            """);
        await listener.StateAsync(StationState.Ready);

        for (var i = 1; i <= 3; i++)
            await listener.TriggerAsync($$"""{"id":"{{i}}"}""");
        Assert.Equal([("left", 1L), ("left", 2L), ("left", 3L)], (await listener.VerdictsAsync(3)).Select(v => (v.Camera, v.Seq)));
        var state = await StateAsync(listener, state => state.State == StationState.Degraded);
        Assert.Contains($"'{Root}/right/verdict': not authorized", state.Reason, StringComparison.Ordinal);

        await broker.ChangeAccessRulesAsync(Others + "topic readwrite #");
        var late = await listener.VerdictsAsync(3);
        Assert.Equal([("right", 1L), ("right", 2L), ("right", 3L)], late.Select(v => (v.Camera, v.Seq)));
        Assert.True(late[0].Historical);
    }

    [Fact]
    public async Task A_state_that_may_not_be_published_is_on_the_page_of_health_and_is_published_once_it_may()
    {
        await using var broker = await StartAsync(Write("outbox", "bank", "top/#") + Read("cmd/+"));
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await using var agent = Run(broker, """[{ "name": "top", "source": "folder:parts", "loop": true }]""");
        var url = await agent.ListeningAsync();

        await UntilHealthAsync(url, state => state.State == StationState.Degraded && state.Reason == $"the broker refuses messages on '{Root}/state', '{Root}/status': not authorized");
        await listener.TriggerAsync("""{"id":"1"}""");
        Assert.Equal("1", Assert.Single(await listener.VerdictsAsync(1)).Trigger.Id);
        Assert.DoesNotContain(listener.All, m => m.Topic == $"{Root}/state");

        await broker.ChangeAccessRulesAsync(Others + "topic readwrite #");
        await listener.StatusAsync(Presence.Online);
        await RecoveryAsync(listener);
    }

    [Fact]
    public async Task Commands_that_the_broker_keeps_from_the_station_make_it_degraded_until_it_may_hear_them()
    {
        WritePart();
        await using var broker = await DynamicSecurity.StartAsync(_folder, subscribe: false);
        await using var office = await Peer.ConnectedAsync(broker.Port);
        await using var agent = AgentProcess.Start(["run", "--config", learned.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true }]""")]);
        var url = await agent.ListeningAsync();
        await UntilHealthAsync(url, state => state.State == StationState.Degraded && state.Reason == $"the broker refuses the subscription to '{Root}/cmd/+': not authorized");

        await office.PublishAsync(DynamicSecurity.Topic, DynamicSecurity.AllowSubscriptions);

        await UntilHealthAsync(url, state => state is { State: StationState.Ready, Reason: null });
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await listener.TriggerAsync("""{"id":"1"}""");
        Assert.Equal("1", Assert.Single(await listener.VerdictsAsync(1)).Trigger.Id);
    }

    [Fact]
    public async Task Two_stations_with_one_name_say_so_and_do_not_disconnect_each_other_for_ever()
    {
        WritePart();
        await using var broker = await MosquittoBroker.StartNewAsync();
        using var second = new TemporaryFolder();
        const string Cameras = """[{ "name": "top", "source": "http:", "trigger": "http" }]""";
        // Longer than the time for which each of the two is connected, on a machine under load too.
        var delays = new Dictionary<string, string> { ["MRFAD__MQTT__RECONNECT_DELAY"] = "1s", ["MRFAD__MQTT__RECONNECT_DELAY_MAX"] = "30s" };
        await using var one = AgentProcess.Start(["run", "--config", learned.Configure(_folder, broker.Port, Cameras)], delays);
        await using var other = AgentProcess.Start(["run", "--config", learned.Configure(second, broker.Port, Cameras)], delays);
        var (url, otherUrl) = (await one.ListeningAsync(), await other.ListeningAsync());

        static bool IsSaid(StationStateMessage state) => state.Reason?.Contains("another client may use the client id 'mrfad-site-line-s1'", StringComparison.Ordinal) == true;
        await await Task.WhenAny(UntilHealthAsync(url, IsSaid), UntilHealthAsync(otherUrl, IsSaid));
    }

    private void WritePart()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 1);
    }

    private Task<MosquittoBroker> StartAsync(string rules)
    {
        WritePart();
        return MosquittoBroker.StartNewAsync(accessRules: Others + rules);
    }

    private AgentProcess Run(MosquittoBroker broker, string cameras) => AgentProcess.Start(
        ["run", "--config", learned.Configure(_folder, broker.Port, cameras)], new Dictionary<string, string> { ["MRFAD__MQTT__USERNAME"] = "press" });

    /// <summary>Receives messages until the station has published such a state, or has done so before.</summary>
    private static async Task<StationStateMessage> StateAsync(Listener listener, Func<StationStateMessage, bool> isSo)
    {
        bool IsSo(MqttMessage message) => message.Topic == $"{Root}/state" && isSo(Listener.State(message));
        return Listener.State(listener.All.FirstOrDefault(IsSo) ?? await listener.UntilAsync(IsSo));
    }

    /// <summary>Receives messages until the last state that the station has published is Running, without a reason.</summary>
    private static async Task RecoveryAsync(Listener listener)
    {
        static bool IsState(MqttMessage message) => message.Topic == $"{Root}/state";
        await Poll.UntilAsync(
            async () =>
            {
                if (listener.All.LastOrDefault(IsState) is { } last && Listener.State(last) is { State: StationState.Running, Reason: null })
                    return true;
                await listener.UntilAsync(IsState);
                return false;
            },
            "a station that is well again");
    }

    /// <summary>Asks <c>/healthz</c> until it answers so; its status is 200 where the station is well and 503 otherwise.</summary>
    private Task UntilHealthAsync(Uri url, Func<StationStateMessage, bool> isSo) => Poll.UntilAsync(async () =>
    {
        using var answer = await _http.GetAsync(new Uri(url, "/healthz"));
        var text = await answer.Content.ReadAsStringAsync();
        var state = JsonSerializer.Deserialize(text, MessageJson.Default.StationStateMessage)!;
        Assert.Equal(state.State is StationState.Ready or StationState.Running, answer.IsSuccessStatusCode);
        return isSo(state) ? null : $"another health than {text}";
    });

    private static string Write(params string[] topics) => string.Concat(topics.Select(t => $"topic write {Root}/{t}\n"));

    private static string Read(params string[] topics) => string.Concat(topics.Select(t => $"topic read {Root}/{t}\n"));
}
