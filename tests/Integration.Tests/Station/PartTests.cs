using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>Parts of several views in the real <c>mrfad run</c>, whose images come interleaved while it is killed again and again.</summary>
public sealed class PartTests(LearnedStation learned) : StationTestBase(learned)
{
    private const int Kills = 4;
    private const int PartsBetweenKills = 6;

    private static readonly TimeSpan ResendInterval = TimeSpan.FromSeconds(5);

    private const string Cameras = """
        [{ "name": "top", "source": "mqtt:frames/top", "queue_length": 500 }, { "name": "side", "source": "mqtt:frames/side", "queue_length": 500 }]
        """;

    [Fact]
    public async Task Every_part_gets_one_message_with_its_worst_view_over_kills()
    {
        await using var sender = await Peer.ConnectedAsync(Broker.Port);
        var (good, bad) = (LearnedStation.Part(seed: 1), LearnedStation.Part(seed: 2, defective: true));
        var sent = new Dictionary<string, (string Camera, string Part, bool IsBad)>();
        for (var run = 0; run <= Kills; run++)
        {
            await using var agent = await RunAsync("1h");
            // The side looks twice. The last views of the parts before a kill come after it.
            foreach (var (camera, look, shift) in ((string, int, int)[])[("top", 1, 0), ("side", 1, 1), ("side", 2, 2)])
            {
                for (var part = Math.Max(0, (run * PartsBetweenKills) - shift); part < ((run + 1) * PartsBetweenKills) - shift; part++)
                    sent.TryAdd($"{camera}-{look}-{part}", (camera, $"P-{part}", part % 3 == look));
            }

            // As the contract asks: what has no verdict is sent again under its id.
            var known = Verdicts().Select(v => v.Trigger.Id).ToHashSet();
            using var judged = new CancellationTokenSource();
            var sending = SendAsync([.. sent.Where(s => !known.Contains(s.Key)).Select(s => Image(s.Key, s.Value.Camera, s.Value.Part, s.Value.IsBad))], judged.Token);
            if (run < Kills)
            {
                // While the others are being judged.
                await Listener.UntilAsync(m => Listener.IsVerdict(m) && !known.Contains(Listener.Verdict(m).Trigger.Id));
                await agent.SignalAsync("KILL");
                await agent.ExitAsync();
                await judged.CancelAsync();
                await sending;
            }
            else
            {
                await Listener.ReceivedAllAsync(() => Verdicts().Count == sent.Count && PartMessages().Count >= Complete().Count(), What);
                await judged.CancelAsync();
                await sending;
                await agent.SignalAsync("TERM");
                Assert.True(await agent.ExitAsync() == 0, agent.Log);
            }
        }

        var before = PartMessages().Select(p => p.Part).ToHashSet();
        Assert.Equal(Complete().Order(), before.Order());
        Assert.All(PartMessages(), part => Assert.Empty(part.Missing));
        // The time of those that still lack a view is over when the station comes back.
        await using (await RunAsync("1ms"))
            await Listener.ReceivedAllAsync(() => PartMessages().Count >= sent.Values.Select(v => v.Part).Distinct().Count(), What);

        Assert.All(PartMessages().Where(p => !before.Contains(p.Part)), part => Assert.Equal((true, "side"), (part.Historical, Assert.Single(part.Missing).Camera)));
        AssertVerdicts();
        Listener.AssertSchemas(replies: false);

        IEnumerable<string> Complete() => sent.Values.GroupBy(v => v.Part).Where(views => views.Count() == 3).Select(views => views.Key);

        string What() => $"{Verdicts().Count} of {sent.Count} verdicts, {PartMessages().Count} parts of {Complete().Count()} that are complete";

        MqttMessage Image(string id, string camera, string part, bool isBad) => new($"frames/{camera}", isBad ? bad : good) { UserProperties = [new("id", id), new("part", part)] };

        // The station may not have subscribed yet, and the broker keeps nothing for it.
        async Task SendAsync(IReadOnlyList<MqttMessage> images, CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var image in images)
                    await sender.PublishAsync(image);
                await Task.Delay(ResendInterval, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        void AssertVerdicts()
        {
            var verdicts = Verdicts();
            Assert.Contains(verdicts, v => v.Verdict == Verdict.Ng);
            // An image that the kill took is INVALID; all others are as they were sent.
            Assert.All(verdicts.Where(v => v.Verdict != Verdict.Invalid), v => Assert.Equal((sent[v.Trigger.Id].IsBad ? Verdict.Ng : Verdict.Ok, sent[v.Trigger.Id].Part, false), (v.Verdict, v.Part!, v.PartLate)));
            Assert.Equal(PartMessages().Count, PartMessages().DistinctBy(p => p.Part).Count());
            Assert.Equal(Enumerable.Range(1, PartMessages().Count), PartMessages().Select(p => (int)p.Seq).Order());
            foreach (var part in PartMessages())
            {
                var views = verdicts.Where(v => v.Part == part.Part).ToList();
                Assert.Equal(views.Select(v => (v.Id, v.Verdict)).Order(), part.Views.Select(v => (v.VerdictId, v.Verdict)).Order());
                var all = views.Select(v => v.Verdict).Concat(part.Missing.Select(_ => Verdict.Timeout)).ToList();
                Assert.Equal(((Verdict[])[Verdict.Ng, Verdict.Invalid, Verdict.Timeout, Verdict.Ok]).First(all.Contains), part.Verdict);
            }
        }
    }

    private List<VerdictMessage> Verdicts() => [.. Listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).DistinctBy(v => v.Id)];

    private List<PartMessage> PartMessages() => [.. Listener.All.Where(Listener.IsPart).Select(Listener.Part).DistinctBy(p => p.Id)];

    /// <summary>Starts the station, and waits until it judges.</summary>
    private async Task<AgentProcess> RunAsync(string within)
    {
        var path = Learned.Configure(Folder, Broker.Port, Cameras);
        var config = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!;
        config["parts"] = new JsonObject
        {
            ["views"] = new JsonArray(new JsonObject { ["camera"] = "top" }, new JsonObject { ["camera"] = "side", ["looks"] = 2 }),
            ["within"] = within,
        };
        await File.WriteAllTextAsync(path, config.ToJsonString(), TestContext.Current.CancellationToken);
        var agent = AgentProcess.Start(["run", "--config", path]);
        var url = await agent.ListeningAsync();
        await Poll.UntilAsync(async () => (await Http.GetAsync(new Uri(url, "healthz"))).IsSuccessStatusCode, "Ready");
        return agent;
    }
}
