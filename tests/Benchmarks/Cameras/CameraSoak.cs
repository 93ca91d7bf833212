using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Cameras;

/// <summary>
/// Checks that each software trigger has one verdict: the real agent with a real mosquitto and Aravis' fake GigE camera, which is killed and restarted.
/// Each part is triggered as soon as the one before has its verdict.
/// </summary>
public static class CameraSoak
{
    private const string Camera = "top";
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(9);

    /// <summary>Learns a bank, runs the soak and prints the result.</summary>
    /// <returns>The exit code: 1 if the soak failed.</returns>
    public static async Task<int> PrintAsync(int triggers, int kills, TimeProvider clock)
    {
        using var station = new LearnedStation();
        await station.InitializeAsync();
        var result = await RunAsync(triggers, kills, station, clock);
        Console.WriteLine(result);
        return result.IsPassed ? 0 : 1;
    }

    public static async Task<CameraSoakResult> RunAsync(int triggers, int kills, LearnedStation station, TimeProvider clock)
    {
        using var end = new CancellationTokenSource(Timeout, clock);
        using var folder = new TemporaryFolder();
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var camera = await FakeGigECamera.StartedAsync();
        File.WriteAllText(folder.File("camera.json"), $$"""{ "pixel_format": "Mono8", "region": { "x": 0, "y": 0, "width": {{LearnedStation.Width}}, "height": {{LearnedStation.Height}} } }""");
        var config = station.Configure(folder, broker.Port, $$"""
            [{ "name": "{{Camera}}", "source": "{{camera.Source}}", "profile": "camera.json", "check_image": false, "deadline": "1s", "heatmap": { "publish": "never" } }]
            """);
        var topics = new StationTopics("site", "line", "s1");
        await using var listener = new SoakListener(Link("quality", broker, clock), topics, Camera, clock);
        await using var agent = AgentProcess.Start(["run", "--config", config]);
        await listener.Ready.WaitAsync(end.Token);
        await using var line = Link("line", broker, clock);
        line.Start();

        // Opening the camera may take some triggers, which are not measured.
        var warmUp = 0;
        while ((await FireAsync($"warm-up-{warmUp++}")).Verdict == Verdict.Timeout)
        {
        }

        var (start, verdicts, killed) = (clock.GetTimestamp(), new List<VerdictMessage>(), 0);
        var isDown = false;
        for (var part = 0; part < triggers; part++)
        {
            if (killed < kills && part == (killed + 1) * triggers / (kills + 1))
            {
                await camera.KillAsync();
                (killed, isDown) = (killed + 1, true);
            }

            verdicts.Add(await FireAsync($"part-{part}"));
            if (isDown && verdicts[^1].Verdict == Verdict.Timeout)
            {
                camera.Start();
                isDown = false;
            }
        }

        return new CameraSoakResult(triggers, killed, warmUp, verdicts, clock.GetElapsedTime(start));

        async Task<VerdictMessage> FireAsync(string id)
        {
            var given = new TaskCompletionSource<VerdictMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
            void OnVerdict(VerdictMessage verdict)
            {
                if (verdict.Trigger.Id == id)
                    given.TrySetResult(verdict);
            }

            listener.VerdictReceived += OnVerdict;
            await SendAsync(line, new MqttMessage(topics.Command("trigger"), System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}""")), end.Token);
            var verdict = await given.Task.WaitAsync(end.Token);
            listener.VerdictReceived -= OnVerdict;
            return verdict;
        }
    }

    private static async Task SendAsync(MqttNetLink line, MqttMessage message, CancellationToken end)
    {
        while (true)
        {
            try
            {
                await line.PublishAsync(message, end);
                return;
            }
            catch (MqttLinkException e) when (e.Failure == MqttFailure.NotConnected)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), end);
            }
        }
    }

    private static MqttNetLink Link(string name, MosquittoBroker broker, TimeProvider clock) =>
        new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = name }, null, clock, NullLogger.Instance);
}
