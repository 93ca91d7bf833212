using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Mqtt;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>
/// A running station with four cameras, a mosquitto, and the means of an attacker. After each attack the station must still be the same process, judge a good part
/// OK and a defective one NG by the same threshold and bank, have given no verdict that nobody asked for, and have kept its memory.
/// </summary>
public sealed partial class AttackedStation : IAsyncDisposable
{
    public const string Token = "a token of the station";

    // An attack may hold a few uploads of the maximum size in memory; the largest of them has 9 MB here.
    private const long MaxMemory = 250_000_000;

    // Characters of the station's log that are printed where it did not answer.
    private const int LogShown = 5000;

    private const string Cameras = """
        [{ "name": "line", "source": "folder:parts", "loop": true, "queue_length": 64, "heatmap": { "publish": "never" } },
         { "name": "upload", "source": "http:", "trigger": "http", "heatmap": { "publish": "never" } },
         { "name": "message", "source": "mqtt:frames/s1", "queue_length": 64, "heatmap": { "publish": "never" } },
         { "name": "watched", "source": "folder:drop?watch=true", "trigger": "free_run", "policy": "every", "queue_length": 200, "heatmap": { "publish": "never" } }]
        """;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);
    private static readonly StationTopics Topics = new("site", "line", "s1");

    private readonly LearnedStation _learned = new();
    private readonly BankSigner _stranger = new("stranger");
    private TcpProxy _proxy = null!;
    private AgentProcess _agent = null!;
    private IMqttLink _link = null!;
    private byte[] _good = [], _defective = [];
    private float? _threshold;
    private string? _bank;
    private long _seq, _rest;
    private int _numbers;
    private Task? _started;

    internal TemporaryFolder Folder { get; } = new();

    internal BankSigner Office { get; } = new();

    internal MosquittoBroker Broker { get; private set; } = null!;

    internal Listener Listener { get; private set; } = null!;

    internal HttpClient Http { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 500 });

    internal Uri Url { get; private set; } = null!;

    internal LureServer Lure { get; } = new();

    internal string Drop => Folder.File("drop");

    internal byte[] GoodPart => _good;

    internal byte[] DefectivePart => _defective;

    internal string Bank => _learned.Bank;

    internal string Log => _agent.Log;

    /// <summary>Starts the station with the first test; where something is missing, each test is skipped with the reason.</summary>
    public Task StartedAsync() => _started ??= StartAsync();

    private async Task StartAsync()
    {
        // Thousands of verdicts may come at once, of which mosquitto would keep a thousand for a client.
        Broker = await MosquittoBroker.StartNewAsync(settings: ["max_queued_messages 0"]);
        await _learned.InitializeAsync();
        _proxy = new TcpProxy(Broker.Port);
        Listener = await Listener.ConnectedAsync(Broker.Port);
        _link = await LinkAsync($"attacker-{Guid.NewGuid():N}");
        foreach (var folder in (string[])["parts", "drop", "models"])
            Directory.CreateDirectory(Folder.File(folder));
        _good = Part(defective: false);
        _defective = Part(defective: true);
        await File.WriteAllBytesAsync(Folder.File("parts/0.png"), _good);
        await File.WriteAllTextAsync(Folder.File("token"), Token);
        await File.WriteAllTextAsync(Folder.File("station.json"), Configuration().ToJsonString());
        _agent = AgentProcess.Start(["run", "--config", Folder.File("station.json")]);
        await Listener.StateAsync(StationState.Ready);
        Url = await _agent.ListeningAsync();
        Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);

        // What is loaded once belongs to the station at rest.
        foreach (var camera in (string[])["upload", "message", "watched"])
            await ProbeAsync(camera);
        var first = await ProbeAsync("line");
        (_threshold, _bank, _seq) = (first.Threshold, first.Bank!.Sha256, first.Seq);
        Assert.Equal(Verdict.Ng, Listener.Verdict(await UploadAsync(_defective)).Verdict);
        _rest = _agent.ResetPeakMemory();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await (_agent?.DisposeAsync() ?? default);
        await (_link?.DisposeAsync() ?? default);
        await (Listener?.DisposeAsync() ?? default);
        await (_proxy?.DisposeAsync() ?? default);
        await (Broker?.DisposeAsync() ?? default);
        await Lure.DisposeAsync();
        _stranger.Dispose();
        Office.Dispose();
        _learned.Dispose();
        Folder.Dispose();
    }

    /// <summary>Carries out an attack and checks its outcome and the station.</summary>
    internal async Task WithstandsAsync(IEnumerable<Attack> attacks, string name)
    {
        var attack = attacks.Single(a => a.Name == name);
        _agent.ResetPeakMemory();
        try
        {
            var outcome = await attack.Run(this).WaitAsync(TestTimeout.Value);

            TestContext.Current.TestOutputHelper?.WriteLine(outcome);
            await AssertUnharmedAsync(attack);
            Assert.Contains(attack.Expected, outcome, StringComparison.Ordinal);
        }
        catch (TimeoutException)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"the end of the station's log: {Log[^Math.Min(Log.Length, LogShown)..]}");
            throw;
        }
    }

    private async Task AssertUnharmedAsync(Attack attack)
    {
        Assert.False(_agent.HasEnded, $"the station has ended: {Log}");
        var good = await ProbeAsync("line");
        var verdicts = good.Seq - _seq - 1;
        _seq = good.Seq;
        Assert.Equal((Verdict.Ok, _threshold, _bank), (good.Verdict, good.Threshold, good.Bank?.Sha256));
        Assert.Equal(attack.Triggers, verdicts);
        Assert.Equal(Verdict.Ng, Listener.Verdict(await UploadAsync(_defective)).Verdict);
        Assert.InRange(_agent.PeakMemory - _rest, long.MinValue, MaxMemory);
        await WellAsync();
    }

    /// <summary>Waits until the station says that it is well.</summary>
    internal Task WellAsync() => Poll.UntilAsync(async () =>
    {
        using var health = await Http.GetAsync(new Uri(Url, "healthz"));
        return health.StatusCode == HttpStatusCode.OK ? null : $"a station that is well again: {await health.Content.ReadAsStringAsync()}";
    });

    /// <summary>Sends a good part to a camera, each in its way.</summary>
    /// <returns>Its verdict.</returns>
    internal async Task<VerdictMessage> ProbeAsync(string camera)
    {
        var id = NextId();
        switch (camera)
        {
            case "line":
                await PublishAsync(new MqttMessage(Topics.Command("trigger"), Utf8($$"""{"id":"{{id}}","camera":"line"}""")));
                break;
            case "message":
                await PublishAsync(new MqttMessage("frames/s1", _good) { UserProperties = [new("id", id)] });
                break;
            case "watched":
                return await DropUntilJudgedAsync();
            default:
                return Listener.Verdict(await UploadAsync(_good, id));
        }

        return Listener.Verdict(await Listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m) is var v && v.Camera == camera && (v.Trigger.Id == id || v.Frame?.Source == $"{id}.png")));
    }

    /// <summary>Drops good parts until one is judged: behind many files the queue may be full for a while.</summary>
    private async Task<VerdictMessage> DropUntilJudgedAsync()
    {
        while (true)
        {
            var name = $"{NextId()}.png";
            await DropAsync(name, _good);
            var verdict = Listener.Verdict(await Listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m) is { Camera: "watched" } v
                && (v.Frame?.Source == name || v.Reason?.StartsWith("the queue is full", StringComparison.Ordinal) == true)));
            if (verdict.Frame?.Source == name)
                return verdict;
        }
    }

    /// <returns>The number of verdicts that a camera gives for what the attack sends, between two parts of the line.</returns>
    internal async Task<string> VerdictsAsync(string camera, Func<Task> attack)
    {
        var before = (await ProbeAsync(camera)).Seq;
        await attack();
        return FormattableString.Invariant($"{(await ProbeAsync(camera)).Seq - before - 1} verdicts");
    }

    /// <returns>The next verdict of a camera: its kind and its reason.</returns>
    /// <param name="file">Its file, where only the verdict of that one is meant.</param>
    internal async Task<string> NextVerdictAsync(string camera, string? file = null)
    {
        var verdict = Listener.Verdict(await Listener.UntilAsync(m => Listener.IsVerdict(m) && Listener.Verdict(m) is var v && v.Camera == camera
            && (file is null || v.Frame?.Source == file || v.Reason?.Contains(file, StringComparison.Ordinal) == true)));
        return $"{verdict.Verdict.ToText()} {verdict.Reason}";
    }

    /// <summary>Puts a complete file into the watched folder.</summary>
    internal async Task DropAsync(string name, byte[] content)
    {
        var next = Path.Combine(Drop, "next.tmp");
        await File.WriteAllBytesAsync(next, content);
        File.Move(next, Path.Combine(Drop, name), overwrite: true);
    }

    internal string NextId() => $"part-{Interlocked.Increment(ref _numbers)}";

    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Returns a text that was repeated.</summary>
    internal static string Times(string text, int count) => new StringBuilder().Insert(0, text, count).ToString();

    private byte[] Part(bool defective)
    {
        LearnedStation.WritePart(Folder.File("part.tmp"), seed: 500, defective);
        return File.ReadAllBytes(Folder.File("part.tmp"));
    }

    private JsonNode Configuration()
    {
        var config = JsonNode.Parse(File.ReadAllText(_learned.Configure(Folder, _proxy.Port, Cameras, trusted: Office.Trusted)))!;
        config["control"] = new JsonObject { ["trusted_keys"] = config["updates"]!["trusted_keys"]!.DeepClone() };
        config["updates"]!["fetch_from"] = new JsonArray(Folder.File("models"), $"http://127.0.0.1:{Lure.Port.ToString(CultureInfo.InvariantCulture)}/models/");
        config["dashboard"] = new JsonObject { ["token_file"] = "token", ["plant"] = true };
        config["http"]!["token_file"] = "token";
        return config;
    }
}
