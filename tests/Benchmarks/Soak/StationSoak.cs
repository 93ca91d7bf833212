using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Soak;

/// <summary>
/// Checks that a line gets one verdict for each of its triggers, in order, whatever happens beside it: the real agent with a real bank and a real mosquitto, and
/// disturbances of all kinds mixed at random. Broker and agent are killed, the connection is cut and slow, the disk is full, a camera stops, another gives garbage,
/// bad files come into a watched folder, strangers send garbage commands and uploads, and the clock jumps.
/// </summary>
public sealed class StationSoak(StationSoakOptions options, LearnedStation station, TimeProvider clock, TextWriter log) : IAsyncDisposable
{
    private const string Camera = "top";
    private const string FakeTime = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    // Of models, frames, uploads and pictures; the program itself comes on top.
    private const int HeldMb = 100;

    private const string Cameras = """
        [{ "name": "top", "source": "folder:parts", "loop": true, "queue_length": 64, "deadline": "10s", "heatmap": { "publish": "ng" } },
         { "name": "upload", "source": "http:", "trigger": "http", "queue_length": 4 },
         { "name": "live", "source": "LIVE", "trigger": "http", "deadline": "300ms", "stall_after": "1s" },
         { "name": "watched", "source": "folder:drop?watch=true", "trigger": "free_run", "queue_length": 64 }]
        """;

    private static readonly string[] Commands = ["trigger", "state", "config", "snapshot", "replay", "bank", "selftest", "threshold", "teach", "rollback", "fetch", "dance"];
    private static readonly TimeSpan Session = TimeSpan.FromHours(1);
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(1), FullFor = TimeSpan.FromSeconds(2), StoppedFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10), SampleInterval = TimeSpan.FromMilliseconds(200);

    private readonly Random _random = new(options.Seed);
    private readonly TemporaryFolder _folder = new();
    private readonly StationTopics _topics = new("site", "line", "s1");
    private readonly ConcurrentDictionary<string, int> _happened = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, int> _uploads = new();
    private readonly List<string> _missing = [];
    private readonly HttpClient _http = new();
    private readonly MjpegServer _live = new(LearnedStation.Width, LearnedStation.Height, (125, 125, 125));
    private MosquittoBroker _broker = null!;
    private TcpProxy _proxy = null!;
    private AgentProcess _agent = null!;
    private MqttNetLink _stranger = null!;
    private SmallDisk? _disk;
    private long _maxMemory;
    private int _unaskedEnds, _jumps;

    /// <summary>Learns a bank, runs the soak and prints its disturbances and its result.</summary>
    /// <returns>The exit code: 1 if the soak failed.</returns>
    public static async Task<int> PrintAsync(StationSoakOptions options, TimeProvider clock)
    {
        using var station = new LearnedStation();
        await station.InitializeAsync();
        await using var soak = new StationSoak(options, station, clock, Console.Out);
        var result = await soak.RunAsync();
        Console.WriteLine(result);
        return result.IsPassed ? 0 : 1;
    }

    /// <summary>Runs the soak until it ends or its timeout is over.</summary>
    public async Task<StationSoakResult> RunAsync()
    {
        var start = clock.GetTimestamp();
        using var end = new CancellationTokenSource(options.Timeout, clock);
        await PrepareAsync();
        await using var listener = new SoakListener(Link("quality"), _topics, Camera, clock);
        await using var line = new SoakLine(Link("line"), _topics, listener, clock);
        var (gaps, samples) = (listener.CloseGapsAsync(end.Token), SampleAsync(end.Token));
        string? failure = null;
        try
        {
            await listener.Ready.WaitAsync(end.Token);
            var plan = Plan(listener);
            await Task.WhenAll(line.RunAsync(options.Triggers, plan.MayGoAsync, end.Token), plan.RunAsync(listener, clock, end.Token));
        }
        catch (OperationCanceledException)
        {
            failure = $"not over after {options.Timeout.TotalMinutes:0.#} min; the agent's last words: {string.Join('\n', _agent.Log.Split('\n').TakeLast(5))}";
        }

        NoteEnd();
        await end.CancelAsync();
        await Task.WhenAll(gaps, samples).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new StationSoakResult
        {
            Options = options,
            Failure = failure,
            Duration = clock.GetElapsedTime(start),
            Disturbances = _happened,
            Missing = _missing,
            Verdicts = listener.Verdicts,
            OutOfOrder = listener.OutOfOrder,
            Contradictions = listener.Contradictions,
            SentAgain = line.Unacknowledged + line.Unanswered,
            Replayed = listener.ReplayedSeqs,
            UnaskedEnds = _unaskedEnds,
            Uploads = _uploads,
            MaxMemory = _maxMemory,
            DatabaseBytes = new FileInfo(_folder.File("state/results.db")).Length,
        };
    }

    public async ValueTask DisposeAsync()
    {
        // If the test is skipped, the agent was never started.
        await (_agent?.DisposeAsync() ?? default);
        await (_stranger?.DisposeAsync() ?? default);
        await (_proxy?.DisposeAsync() ?? default);
        await (_broker?.DisposeAsync() ?? default);
        await _live.DisposeAsync();
        _http.Dispose();
        _disk?.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        foreach (var folder in (string[])["parts", "drop", "broker"])
            Directory.CreateDirectory(_folder.File(folder));
        for (var i = 0; i < 4; i++)
            LearnedStation.WritePart(_folder.File($"parts/{i}.png"), seed: i, defective: i == 3);
        _broker = await MosquittoBroker.StartNewAsync(settings:
            ["persistence true", $"persistence_location {_folder.File("broker")}/", "autosave_on_changes true", "autosave_interval 1", "log_type none", "log_type information"]);
        _proxy = new TcpProxy(_broker.Port);
        _disk = SmallDisk.Mount(out var why, _folder.File("state"), megabytes: 64);
        if (_disk is null)
            _missing.Add($"full disk ({why})");
        if (!File.Exists(FakeTime))
            _missing.Add("clock jump (apt-get install faketime)");
        var config = station.Configure(_folder, _proxy.Port, Cameras.Replace("LIVE", _live.Url, StringComparison.Ordinal));
        var tree = JsonNode.Parse(await File.ReadAllTextAsync(config))!;
        tree["mqtt"]!["session_expiry"] = $"{Session.TotalHours}h";
        tree["memory"] = new JsonObject { ["budget_mb"] = HeldMb };
        await File.WriteAllTextAsync(config, tree.ToJsonString());
        await File.WriteAllTextAsync(_folder.File("time"), "+0");
        _stranger = Link("stranger");
        _stranger.Start();
        StartAgent();
    }

    private void StartAgent() => _agent = AgentProcess.Start(["run", "--config", _folder.File("station.json")], !File.Exists(FakeTime) ? null : new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = FakeTime,
        ["FAKETIME_TIMESTAMP_FILE"] = _folder.File("time"),
        ["FAKETIME_NO_CACHE"] = "1",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
    });

    private MqttNetLink Link(string name) => new(
        new MqttOptions { Port = _broker.Port, ClientId = name, SessionExpiry = Session, ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) },
        null, clock, NullLogger.Instance);

    /// <summary>Draws the disturbances: each kind once at least, then by chance.</summary>
    private DisturbancePlan Plan(SoakListener listener)
    {
        List<(string Name, Func<CancellationToken, Task> Happen)> kinds =
        [
            ("agent killed", KillAgentAsync), ("broker killed", KillBrokerAsync), ("line cut", CutAsync), ("line slow", SlowAsync), ("camera stopped", StopCameraAsync),
            ("camera with garbage", BreakCameraAsync), ("bad files", DropFilesAsync), ("garbage commands", SendGarbageAsync), ("uploads", UploadAsync),
        ];
        if (_disk is not null)
            kinds.Add(("disk full", FillDiskAsync));
        if (File.Exists(FakeTime))
            kinds.Add(("clock jump", JumpAsync));
        var count = Math.Max(kinds.Count, options.Triggers / options.TriggersPerDisturbance);
        return new DisturbancePlan(Enumerable.Range(0, count).Select(i => Noted(kinds[i < kinds.Count ? i : _random.Next(kinds.Count)], listener)).ToList(), options.Triggers, _random);
    }

    private Func<CancellationToken, Task> Noted((string Name, Func<CancellationToken, Task> Happen) kind, SoakListener listener) => async cancellationToken =>
    {
        log.WriteLine($"after {listener.Count} verdicts: {kind.Name}");
        NoteEnd();
        await kind.Happen(cancellationToken);
        _happened.AddOrUpdate(kind.Name, 1, (_, n) => n + 1);
    };

    /// <summary>Notes an end of the agent that nobody asked for, and starts it again, so that the soak goes on.</summary>
    private void NoteEnd()
    {
        if (!_agent.HasEnded)
            return;
        log.WriteLine($"the agent has ended by itself: {_agent.Log}");
        _unaskedEnds++;
        StartAgent();
    }

    private async Task SampleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                _maxMemory = Math.Max(_maxMemory, _agent.PeakMemory);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It is being killed or started.
            }

            await Task.Delay(SampleInterval, clock, cancellationToken);
        }
    }

    private async Task KillAgentAsync(CancellationToken cancellationToken)
    {
        await _agent.DisposeAsync();
        StartAgent();
    }

    private async Task KillBrokerAsync(CancellationToken cancellationToken)
    {
        await _broker.KillAsync();
        await _broker.StartAsync();
    }

    private Task CutAsync(CancellationToken cancellationToken)
    {
        _proxy.Cut();
        return Task.CompletedTask;
    }

    private async Task SlowAsync(CancellationToken cancellationToken)
    {
        _proxy.Delay = TimeSpan.FromMilliseconds(50);
        await Task.Delay(SlowFor, clock, cancellationToken);
        _proxy.Delay = TimeSpan.Zero;
    }

    /// <summary>Fills the disk while triggers go on. Messages in memory do not survive a SIGKILL, so nothing else happens until they are on disk.</summary>
    private async Task FillDiskAsync(CancellationToken cancellationToken)
    {
        await _agent.ListeningAsync();
        var start = clock.GetTimestamp();
        while (clock.GetElapsedTime(start) < FullFor)
        {
            _disk!.Fill();
            await Task.Delay(Moment, clock, cancellationToken);
        }

        _disk!.Free();
        await Task.Delay(FullFor, clock, cancellationToken);
    }

    /// <summary>The network camera keeps its connection and sends nothing more, while frames are asked for.</summary>
    private async Task StopCameraAsync(CancellationToken cancellationToken)
    {
        _live.Freeze();
        for (var i = 0; i < 3; i++)
            await InspectAsync("live", null, cancellationToken);
        await Task.Delay(StoppedFor, clock, cancellationToken);
        _live.Thaw();
    }

    /// <summary>For a while the camera of the line gives an image that cannot be decoded.</summary>
    private async Task BreakCameraAsync(CancellationToken cancellationToken)
    {
        var part = _folder.File("parts/1.png");
        var good = await File.ReadAllBytesAsync(part, cancellationToken);
        await File.WriteAllBytesAsync(part, Noise(5000), cancellationToken);
        await Task.Delay(SlowFor, clock, cancellationToken);
        await File.WriteAllBytesAsync(part, good, cancellationToken);
    }

    private async Task DropFilesAsync(CancellationToken cancellationToken)
    {
        var good = await File.ReadAllBytesAsync(_folder.File("parts/0.png"), cancellationToken);
        foreach (var (name, content) in ((string, byte[])[])[("noise", Noise(3000)), ("empty", []), ("cut", good[..(good.Length / 2)]), ("good", good), ("bomb", ImageBombs.Make("png"))])
        {
            await File.WriteAllBytesAsync(_folder.File("drop/next.tmp"), content, cancellationToken);
            File.Move(_folder.File("drop/next.tmp"), _folder.File($"drop/{name}-{_random.Next()}.png"), overwrite: true);
        }
    }

    private async Task SendGarbageAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < 50; i++)
        {
            var topic = _random.Next(3) switch
            {
                0 => $"{_topics.Root}/update/offer",
                1 => $"{_topics.Root}/update/chunk/{new string('a', 64)}/{_random.Next()}",
                _ => _topics.Command(Commands[_random.Next(Commands.Length)]),
            };
            try
            {
                // Never empty, which would be a trigger.
                await _stranger.PublishAsync(new MqttMessage(topic, Noise(1 + _random.Next(20_000))) { ResponseTopic = "mrfad/replies/stranger", CorrelationData = Noise(16) }, cancellationToken);
            }
            catch (MqttLinkException)
            {
                // The broker has just been killed; a stranger does not care.
            }
        }
    }

    private async Task UploadAsync(CancellationToken cancellationToken)
    {
        var good = await File.ReadAllBytesAsync(_folder.File("parts/0.png"), cancellationToken);
        await Task.WhenAll(((byte[][])[good, Noise(5000), good, good[..500], Encoding.ASCII.GetBytes("not a picture"), good, ImageBombs.Make("jpeg")]).Select(body => InspectAsync("upload", body, cancellationToken)));
    }

    private async Task InspectAsync(string camera, byte[]? body, CancellationToken cancellationToken)
    {
        var status = 0;
        try
        {
            using var content = new ByteArrayContent(body ?? []);
            using var response = await _http.PostAsync(new Uri(await _agent.ListeningAsync(), $"inspect?camera={camera}"), content, cancellationToken);
            status = (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            // It is being killed.
        }

        _uploads.AddOrUpdate(status, 1, (_, n) => n + 1);
    }

    /// <summary>The clock goes an hour forth or back, or returns to the right time.</summary>
    private async Task JumpAsync(CancellationToken cancellationToken)
    {
        _jumps++;
        await File.WriteAllTextAsync(_folder.File("time.new"), (_jumps % 4) switch { 1 => "+3600", 3 => "-3600", _ => "+0" }, cancellationToken);
        File.Move(_folder.File("time.new"), _folder.File("time"), overwrite: true);
    }

    private byte[] Noise(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }
}
