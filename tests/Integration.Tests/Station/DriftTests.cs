using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The drift guard of a running station, as seen by the broker, the health check and Prometheus.</summary>
public sealed class DriftTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_lamp_that_has_lost_a_tenth_is_named_in_the_state_of_a_station_that_stays_well()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(_folder.File("good.png"), seed: 50);
        using (var good = ImageCodec.Read(_folder.File("good.png")))
        using (var dark = ChangedLine.Dimmed(good, 0.9))
            File.WriteAllBytes(_folder.File("parts/dark.png"), ImageCodec.Encode(dark, ImageFormat.Png));
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        var config = station.Configure(_folder, broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true }]""");
        await using var agent = AgentProcess.Start(["run", "--config", config], new Dictionary<string, string> { ["MRFAD__DRIFT__FRAMES"] = "8" });
        using var http = new HttpClient { BaseAddress = await agent.ListeningAsync() };
        await listener.StateAsync(StationState.Ready);

        await listener.TriggerAsync();
        await listener.TriggerAsync();

        var state = Listener.State(await listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).Reason?.Contains("camera top: light", StringComparison.Ordinal) == true));
        Assert.Equal(StationState.Running, state.State);
        Assert.Contains("camera top: light has drifted: 10 % darker than the good images", state.Reason, StringComparison.Ordinal);
        Assert.True((await http.GetAsync("/healthz")).IsSuccessStatusCode);
        var metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("""mrfad_drift{camera="top",kind="light"} -5""", metrics, StringComparison.Ordinal);
        Assert.Contains("""mrfad_drift_limit{camera="top",kind="light"} 3""", metrics, StringComparison.Ordinal);
    }
}
