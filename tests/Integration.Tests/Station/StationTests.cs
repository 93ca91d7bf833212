using System.Net;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The real <c>mrfad run</c> with a real bank and a real mosquitto.</summary>
public sealed class StationTests(LearnedStation learned) : StationTestBase(learned)
{
    [Fact]
    public async Task Each_trigger_brings_one_verdict_in_order_and_each_judged_image_its_heatmap()
    {
        for (var i = 0; i < 6; i++)
            LearnedStation.WritePart(Path.Combine(Parts, $"{i}.png"), seed: 100 + i, defective: i % 2 == 1);
        await File.WriteAllTextAsync(Path.Combine(Parts, "6.png"), "not a picture");
        TestPart.Write(Path.Combine(Parts, "7.png"), 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "queue_length": 20, "frame": { "publish": "ng", "format": "jpeg" } }]""");
        await Listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 9; i++)
            await Listener.TriggerAsync($$"""{"id":"part-{{i}}"}""");
        await Listener.ReceivedAsync(9, Listener.IsVerdict);
        await Listener.ReceivedAsync(6, Listener.IsHeatmap);
        await Listener.ReceivedAsync(4, Listener.IsFrame);

        var verdicts = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).ToList();
        Assert.Equal(Enumerable.Range(1, 9), verdicts.Select(v => (int)v.Seq));
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"part-{i}"), verdicts.Select(v => v.Trigger.Id));
        Assert.Equal(
            [Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Invalid, Verdict.Invalid, Verdict.Invalid],
            verdicts.Select(v => v.Verdict));
        Assert.Equal(9, verdicts.Select(v => v.Id).Distinct().Count());
        Assert.All(verdicts, v => Assert.False(v.Historical));
        Assert.Contains("6.png", verdicts[6].Reason, StringComparison.Ordinal);
        Assert.Contains("96x64", verdicts[7].Reason, StringComparison.Ordinal);
        Assert.Contains("has no more frames", verdicts[8].Reason, StringComparison.Ordinal);
        var spot = verdicts[1].Regions[0];
        Assert.True(spot.XPx <= 30 && spot.XPx + spot.WidthPx >= 50 && spot.YPx <= 20 && spot.YPx + spot.HeightPx >= 40, $"{spot}");

        // A heatmap follows its verdict, carries its id and is a picture of the frame's size.
        var heatmaps = Listener.All.Where(Listener.IsHeatmap).ToList();
        Assert.Equal(verdicts.Take(6).Select(v => v.Id.ToString()), heatmaps.Select(h => h.UserProperties.Single(p => p.Key == "id").Value));
        var order = Listener.All.ToList();
        Assert.All(heatmaps.Zip(Listener.All.Where(Listener.IsVerdict)), pair => Assert.True(order.IndexOf(pair.Second) < order.IndexOf(pair.First)));
        foreach (var heatmap in heatmaps)
        {
            Assert.Equal("image/png", heatmap.ContentType);
            using var picture = ImageCodec.Decode(heatmap.Payload.Span, "heatmap");
            Assert.Equal((LearnedStation.Width, LearnedStation.Height), (picture.Width, picture.Height));
        }

        Assert.Equal("image/jpeg", Listener.All.First(Listener.IsFrame).ContentType);
        Assert.Equal(9, Listener.All.Count(m => Listener.IsReply(m) && Listener.Reply(m).Accepted && m.CorrelationData.Length > 0));
        Listener.AssertSchemas();
    }

    [Fact]
    public async Task More_triggers_than_the_queue_holds_are_refused_and_still_end_as_one_verdict_each()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true, "queue_length": 1 }]""");
        await Listener.StateAsync(StationState.Ready);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Listener.TriggerAsync()));
        var verdicts = await Listener.VerdictsAsync(100);

        Assert.Equal(Enumerable.Range(1, 100), verdicts.Select(v => (int)v.Seq));
        var refused = verdicts.Where(v => v.Verdict == Verdict.Invalid).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, v => Assert.Equal("the queue is full: 1 wait for inspection", v.Reason));
        Assert.Contains(verdicts, v => v.Verdict == Verdict.Ok);
        await Listener.ReceivedAsync(100, Listener.IsReply);
        Assert.Equal(refused.Count, Listener.All.Count(m => Listener.IsReply(m) && Listener.Reply(m).Error?.Code == CommandErrorCode.Busy));
    }

    [Theory]
    [InlineData("{", "trigger", CommandErrorCode.BadRequest)]
    [InlineData("""{"camera":"bottom"}""", "trigger", CommandErrorCode.UnknownCamera)]
    [InlineData("", "dance", CommandErrorCode.UnknownCommand)]
    public async Task A_command_that_makes_no_sense_is_answered_with_its_kind_of_error(string payload, string command, CommandErrorCode code)
    {
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await Listener.StateAsync(StationState.Ready);

        await Listener.TriggerAsync(payload, command);

        var reply = Listener.Reply(await Listener.UntilAsync(Listener.IsReply));
        Assert.Equal((false, code), (reply.Accepted, reply.Error!.Code));
    }

    [Fact]
    public async Task The_broker_announces_offline_when_the_agent_is_killed()
    {
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await Listener.StatusAsync(Presence.Online);

        await agent.SignalAsync("KILL");

        var status = await Listener.StatusAsync(Presence.Offline);
        Assert.Equal("the connection was lost", status.Reason);
        Assert.Null(status.At);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task A_stop_answers_every_trigger_then_announces_offline_and_returns_zero(string signal)
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true, "queue_length": 50 }]""");
        await Listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 50; i++)
            await Listener.TriggerAsync();
        await Listener.ReceivedAsync(50, Listener.IsReply);
        await agent.SignalAsync(signal);

        var status = await Listener.StatusAsync(Presence.Offline);
        Assert.Equal("stopped", status.Reason);
        Assert.Equal(0, await agent.ExitAsync());
        var verdicts = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).ToList();
        Assert.Equal(Enumerable.Range(1, 50), verdicts.Select(v => (int)v.Seq));
        Assert.All(verdicts, v => Assert.True(v.Verdict == Verdict.Ok || v.Reason == "the station is stopping", v.Reason));
        Listener.AssertSchemas();
    }

    [Fact]
    public async Task Who_comes_late_sees_status_and_state_and_http_reports_the_same()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts" }]""");
        await Listener.StateAsync(StationState.Ready);
        await Listener.TriggerAsync();
        await Listener.StateAsync(StationState.Running);
        await Listener.ReceivedAsync(1, Listener.IsVerdict);

        await using var late = await Listener.ConnectedAsync(Broker.Port);
        await late.ReceivedAsync(1, m => m.Topic.EndsWith("/status", StringComparison.Ordinal));
        await late.ReceivedAsync(1, m => m.Topic.EndsWith("/state", StringComparison.Ordinal));
        Assert.Equal(Presence.Online, Listener.Status(late.All.Single(m => m.Topic.EndsWith("/status", StringComparison.Ordinal))).Status);
        Assert.Equal(StationState.Running, Listener.State(late.All.Single(m => m.Topic.EndsWith("/state", StringComparison.Ordinal))).State);
        Assert.All(late.All, m => Assert.True(m.Retain));

        var url = await agent.ListeningAsync();
        var health = await Http.GetAsync(new Uri(url, "/healthz"));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Empty(JsonSchemaValidator.ForMessage("state").Errors(await health.Content.ReadAsStringAsync()));
        var metrics = await Http.GetStringAsync(new Uri(url, "/metrics"));
        Assert.Contains("mrfad_inspections_total{camera=\"top\",verdict=\"OK\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mrfad_mqtt_connected 1", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verdicts_given_while_the_broker_is_away_arrive_in_order_and_are_called_historical()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        // The listener reconnects long before the agent does, so that it misses nothing.
        await using var agent = Run(
            """[{ "name": "top", "source": "folder:parts", "loop": true, "trigger": "interval", "interval": "50ms", "queue_length": 50 }]""",
            new Dictionary<string, string> { ["MRFAD__MQTT__RECONNECT_DELAY"] = "5s", ["MRFAD__MQTT__RECONNECT_DELAY_MAX"] = "5s" });
        var url = await agent.ListeningAsync();
        await Listener.VerdictsAsync(1);

        await Broker.KillAsync();
        var away = await CountAsync(url);
        await Poll.UntilAsync(async () => await CountAsync(url) >= away + 5, "five further verdicts");
        var health = await Http.GetAsync(new Uri(url, "/healthz"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.Contains($"127.0.0.1:{Broker.Port}", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await Broker.StartAsync();
        var verdicts = new List<VerdictMessage>();
        // Some verdicts may have come before the broker was killed; then come those of the outage (historical), then the first current one.
        await Poll.UntilAsync(
            async () =>
            {
                verdicts.AddRange(await Listener.VerdictsAsync(1));
                return verdicts.Exists(v => v.Historical) && !verdicts[^1].Historical;
            },
            "the first current verdict after the outage");

        // Messages in flight when the broker was killed arrive twice.
        var received = Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).DistinctBy(v => v.Id).ToList();
        Assert.InRange(received.Count(v => v.Historical), 5, int.MaxValue);
        Assert.Equal(Enumerable.Range((int)received[0].Seq, received.Count), received.Select(v => (int)v.Seq));
    }

    [Fact]
    public async Task A_watched_folder_gives_a_verdict_for_each_new_file()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "old.png"), seed: 1);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts?watch=true", "trigger": "free_run" }]""");
        await Listener.StateAsync(StationState.Ready);

        for (var i = 0; i < 3; i++)
            LearnedStation.WritePart(Path.Combine(Parts, $"{i}.png"), seed: i);

        var verdicts = await Listener.VerdictsAsync(3);
        Assert.Equal(["0.png", "1.png", "2.png"], verdicts.Select(v => v.Frame!.Source).Order());
        Assert.All(verdicts, v => Assert.Equal("free_run", v.Trigger.Source));
    }

    [Fact]
    public async Task Two_cameras_are_triggered_together_and_count_for_themselves()
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        await using var agent = Run("""[{ "name": "left", "source": "folder:parts" }, { "name": "right", "source": "folder:parts" }]""");
        await Listener.StateAsync(StationState.Ready);

        await Listener.TriggerAsync("""{"id":"one"}""");
        var verdicts = await Listener.VerdictsAsync(2);

        Assert.Equal([("left", 1L, "one"), ("right", 1L, "one")], verdicts.Select(v => (v.Camera, v.Seq, v.Trigger.Id)).Order());
    }

    [Fact]
    public async Task A_camera_that_is_absent_degrades_the_station_and_times_out()
    {
        await using var agent = Run("""[{ "name": "top", "source": "v4l2:99", "deadline": "100ms" }]""");
        await Listener.StateAsync(StationState.Degraded);

        await Listener.TriggerAsync();

        var verdict = Assert.Single(await Listener.VerdictsAsync(1));
        Assert.Equal(Verdict.Timeout, verdict.Verdict);
        Assert.StartsWith("no frame within 0.1 s: v4l2:/dev/video99 cannot be opened", verdict.Reason, StringComparison.Ordinal);
    }

    /// <summary>Returns the number of verdicts so far.</summary>
    private async Task<int> CountAsync(Uri url) => (await Http.GetStringAsync(new Uri(url, "/metrics")))
        .Split('\n')
        .Where(line => line.StartsWith("mrfad_inspections_total{", StringComparison.Ordinal))
        .Sum(line => int.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
