using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Demo;

/// <summary>The agent as a customer runs it: <c>mrfad run</c> in a process of its own.</summary>
public sealed class DemoStation : IAsyncDisposable
{
    private const string Listening = "listening on ";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private DemoStation(ChildProcess process, string url) => (_process, Url) = (process, url);

    /// <summary>Base URL of the station's HTTP endpoints (metrics, health).</summary>
    public string Url { get; }

    public int ProcessId => _process.Id;

    /// <param name="frames">Folder whose images are the camera's frames, one for each trigger, in the order of their names.</param>
    public static StationOptions Options(DemoBroker broker, string bank, string encoder, string frames) => new()
    {
        Site = "demo",
        Line = "line1",
        Station = "station1",
        Mqtt = new MqttOptions { Host = broker.Host, Port = broker.Port },
        Http = new HttpOptions { Port = 0 },
        Detector = new DetectorOptions { Bank = bank, Encoder = encoder },
        // Loop, because with --keep the user goes on sending triggers.
        Cameras = [new CameraOptions { Loop = true, Source = $"folder:{frames}", Deadline = TimeSpan.FromSeconds(30) }],
    };

    /// <param name="folder">Folder for the configuration and the log.</param>
    /// <exception cref="IOException">The agent did not start; the text says why.</exception>
    public static async Task<DemoStation> StartAsync(StationOptions options, string folder, CancellationToken cancellationToken)
    {
        var configuration = Path.Combine(folder, "station.json");
        UserFiles.WriteText(configuration, StationJson.Write(options));
        var process = await ChildProcess.StartSelfAsync(["run", "--config", configuration], Path.Combine(folder, "agent.log"));
        try
        {
            var line = await process.LineAsync(l => l.StartsWith(Listening, StringComparison.Ordinal), StartTimeout, cancellationToken);
            return new DemoStation(process, line[Listening.Length..]);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc cref="ChildProcess.WhileAliveAsync"/>
    public Task<T> WhileAliveAsync<T>(Task<T> work) => _process.WhileAliveAsync(work);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
