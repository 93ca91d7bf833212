using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>Small image files that claim gigabytes, on each way into a real station: each gets its INVALID verdict and costs little memory.</summary>
public sealed class ImageBombTests(LearnedStation learned) : StationTestBase(learned)
{
    // Beyond the station at rest. Most of it is the file itself, and what the garbage collector has not returned yet.
    private const long MaxMemory = 200_000_000;

    private const string Cameras = """
        [{ "name": "upload", "source": "http:", "trigger": "http", "heatmap": { "publish": "never" } },
         { "name": "message", "source": "mqtt:frames", "heatmap": { "publish": "never" } },
         { "name": "folder", "source": "folder:parts?watch=true", "trigger": "free_run", "policy": "every", "queue_length": 100, "heatmap": { "publish": "never" } }]
        """;

    [Fact]
    public async Task A_bomb_of_each_format_costs_little_memory_whichever_way_it_comes()
    {
        await using var agent = Run(Cameras);
        await Listener.StateAsync(StationState.Ready);
        var inspect = new Uri(await agent.ListeningAsync(), "inspect");
        await using var link = new MqttNetLink(new MqttOptions { Port = Broker.Port, ClientId = "camera" }, null, TimeProvider.System, NullLogger.Instance);
        link.Start();
        // One good part on each way first: what is loaded once belongs to the station at rest.
        LearnedStation.WritePart(Folder.File("good.png"), seed: 500);
        var good = await File.ReadAllBytesAsync(Folder.File("good.png"), TestContext.Current.CancellationToken);
        foreach (var way in (Func<string, byte[], Task<VerdictMessage>>[])[Upload, Publish, Drop])
            Assert.Equal(Verdict.Ok, (await way("good.png", good)).Verdict);

        var rest = agent.ResetPeakMemory();
        foreach (var name in ImageBombs.Names)
        {
            var bomb = ImageBombs.Make(name);
            foreach (var (way, send) in ((string, Func<string, byte[], Task<VerdictMessage>>)[])[("HTTP", Upload), ("MQTT", Publish), ("folder", Drop)])
            {
                agent.ResetPeakMemory();
                var verdict = await send($"{name}.png", bomb);
                var cost = agent.PeakMemory - rest;
                TestContext.Current.TestOutputHelper!.WriteLine($"{name,-18} {way,-7} {bomb.Length / 1e6,6:0.0} MB {cost / 1e6,6:0} MB  {verdict.Reason}");
                Assert.Equal(Verdict.Invalid, verdict.Verdict);
                Assert.NotNull(verdict.Reason);
                Assert.True(cost < MaxMemory, $"{name} by {way} took {cost / 1e6:0} MB beyond the station at rest");
            }
        }

        Assert.Equal(Verdict.Ok, (await Upload("good.png", good)).Verdict);

        async Task<VerdictMessage> Upload(string name, byte[] image)
        {
            using var content = new ByteArrayContent(image);
            using var response = await Http.PostAsync(inspect, content, TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.UnprocessableEntity, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            return await VerdictAsync("upload");
        }

        async Task<VerdictMessage> Publish(string name, byte[] image)
        {
            await link.PublishAsync(new MqttMessage("frames", image), TestContext.Current.CancellationToken);
            return await VerdictAsync("message");
        }

        async Task<VerdictMessage> Drop(string name, byte[] image)
        {
            await File.WriteAllBytesAsync(Path.Combine(Parts, "next.tmp"), image, TestContext.Current.CancellationToken);
            File.Move(Path.Combine(Parts, "next.tmp"), Path.Combine(Parts, name), overwrite: true);
            return await VerdictAsync("folder");
        }
    }

    [Fact]
    public async Task A_file_of_hundreds_of_megabytes_is_not_read()
    {
        await using var agent = Run(Cameras);
        await Listener.StateAsync(StationState.Ready);
        var rest = agent.ResetPeakMemory();
        await using (var file = File.Create(Path.Combine(Parts, "next.tmp")))
        {
            await file.WriteAsync(ImageBombs.Make("bmp"), TestContext.Current.CancellationToken);
            file.SetLength(700_000_000);
        }

        File.Move(Path.Combine(Parts, "next.tmp"), Path.Combine(Parts, "long.bmp"));

        Assert.Contains("long.bmp: the file is too large: want at most 9 MB, got 700", (await VerdictAsync("folder")).Reason, StringComparison.Ordinal);
        Assert.InRange(agent.PeakMemory - rest, 0, MaxMemory);
    }

    [Fact]
    public async Task The_configured_limits_go_before_those_of_the_bank()
    {
        // The good parts have 96×64 pixels, 0.006 megapixels.
        await using var agent = Run(Cameras, new Dictionary<string, string> { ["MRFAD__IMAGES__MAX_MEGAPIXELS"] = "0.006" });
        await Listener.StateAsync(StationState.Ready);
        LearnedStation.WritePart(Path.Combine(Parts, "good.tmp"), seed: 500);
        File.Move(Path.Combine(Parts, "good.tmp"), Path.Combine(Parts, "good.png"));

        var verdict = await VerdictAsync("folder");

        Assert.Equal(Verdict.Invalid, verdict.Verdict);
        Assert.EndsWith("good.png: PNG of 96×64 pixels: want at most 0.006 megapixels, got 0.006144 (images.max_megapixels)", verdict.Reason, StringComparison.Ordinal);
    }

    private async Task<VerdictMessage> VerdictAsync(string camera) =>
        Listener.Verdict(await Listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m).Camera == camera));
}
