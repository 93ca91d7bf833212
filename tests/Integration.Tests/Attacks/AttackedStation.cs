using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Integration.Tests.Station;
using MrfAd.Station.Control;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Attacks;

/// <summary>
/// A running station with four cameras, a mosquitto, and the means of an attacker. After each attack the station must still be the same process, judge a good part
/// OK and a defective one NG by the same threshold and bank, have given no verdict that nobody asked for, and have kept its memory.
/// </summary>
public sealed class AttackedStation : IAsyncDisposable
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

    // MQTT

    /// <summary>Publishes a message; the broker may have disconnected the attacker before.</summary>
    internal async Task PublishAsync(MqttMessage message)
    {
        using var timeout = new CancellationTokenSource(Timeout);
        while (true)
        {
            try
            {
                await _link.PublishAsync(message, timeout.Token);
                return;
            }
            catch (MqttLinkException e) when (e.Failure == MqttFailure.NotConnected)
            {
                await Task.Delay(Moment, timeout.Token);
            }
        }
    }

    /// <summary>Publishes something that the broker may refuse.</summary>
    /// <returns>"published", or the broker's refusal.</returns>
    internal async Task<string> TryPublishAsync(MqttMessage message)
    {
        try
        {
            await PublishAsync(message);
            return "published";
        }
        catch (MqttLinkException e)
        {
            return $"refused by the broker: {e.Message}";
        }
    }

    /// <returns>"accepted", or the code and the message of the refusal.</returns>
    internal Task<string> AskAsync(string command, string payload) => AskAsync(command, Utf8(payload));

    internal async Task<string> AskAsync(string command, byte[] payload, byte[]? correlation = null)
    {
        correlation ??= Guid.NewGuid().ToByteArray();
        await PublishAsync(new MqttMessage($"{Topics.Root}/cmd/{command}", payload) { ResponseTopic = Listener.Replies, CorrelationData = correlation });
        var reply = Listener.Reply(await Listener.UntilAsync(m => Listener.IsReply(m) && m.CorrelationData.Span.SequenceEqual(correlation)));
        return reply.Error is { } error ? $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(error.Code.ToString())}: {error.Message}" : "accepted";
    }

    /// <summary>Asks for the state again and again until it is answered: a broker may have disconnected the station, and a question meanwhile is lost.</summary>
    internal async Task AnswersAsync()
    {
        var mark = Guid.NewGuid().ToByteArray();
        var answer = Listener.UntilAsync(m => Listener.IsReply(m) && m.CorrelationData.Span.SequenceEqual(mark));
        while (!answer.IsCompleted)
        {
            await PublishAsync(new MqttMessage(Topics.Command("state"), default) { ResponseTopic = Listener.Replies, CorrelationData = mark });
            await Task.WhenAny(answer, Task.Delay(AskAgainAfter));
        }

        await answer;
    }

    /// <summary>Sends a payload to each command; to those that must be signed it is the body that the office signs.</summary>
    /// <returns>The refusals with their commands, such as "bad_request: trigger, snapshot; accepted: state".</returns>
    internal async Task<string> AskAllAsync(string payload)
    {
        var outcomes = new List<(string Code, string Command)>();
        foreach (var command in (string[])["trigger", "state", "config", "snapshot", "replay", "bank", "selftest", "threshold", "teach", "rollback", "fetch"])
        {
            var isChange = command is "threshold" or "teach" or "rollback" or "fetch";
            outcomes.Add(((await AskAsync(command, isChange ? Signed(command, payload) : payload)).Split(':')[0], command));
        }

        return string.Join("; ", outcomes.GroupBy(o => o.Code).Select(g => $"{g.Key}: {string.Join(", ", g.Select(o => o.Command))}"));
    }

    /// <summary>Signs a command.</summary>
    /// <param name="isStranger">True for a key that the station does not trust.</param>
    /// <param name="key">The name of the key in the command; null for its own.</param>
    /// <param name="tamper">Changes the signed command.</param>
    internal string Signed(
        string command, string body, bool isStranger = false, string? key = null, TimeSpan age = default, string? root = null, string? nonce = null, Func<SignedCommand, SignedCommand>? tamper = null)
    {
        var signer = isStranger ? _stranger.Key : Office.Key;
        var content = new SignedCommand { Key = key ?? signer.Id, At = TimeProvider.System.GetUtcNow() - age, Nonce = nonce ?? $"{Guid.NewGuid()}", Body = body, Signature = [] };
        content = content with { Signature = signer.Sign(CommandVerifier.SignedText(root ?? Topics.Root, command, content)) };
        return JsonSerializer.Serialize(tamper?.Invoke(content) ?? content, MessageJson.Default.SignedCommand);
    }

    /// <summary>Cuts the station's connection to the broker, so that it connects anew.</summary>
    internal async Task ReconnectAsync()
    {
        _proxy.Cut();
        await Listener.StatusAsync(Presence.Online);
    }

    /// <summary>Connects a further client.</summary>
    /// <param name="will">The message that the broker publishes when the connection is lost.</param>
    internal async Task<IMqttLink> LinkAsync(string clientId, int? port = null, MqttMessage? will = null)
    {
        var link = new MqttNetLink(new MqttOptions { Port = port ?? Broker.Port, ClientId = clientId }, () => will, TimeProvider.System, NullLogger.Instance);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        link.ConnectionChanged += reason =>
        {
            if (reason is null)
                connected.TrySetResult();
        };
        link.Start();
        await connected.Task.WaitAsync(Timeout);
        return link;
    }

    // HTTP

    /// <summary>Uploads an image, which must be judged.</summary>
    internal async Task<MqttMessage> UploadAsync(byte[] image, string? id = null)
    {
        using var content = new ByteArrayContent(image);
        using var response = await Http.PostAsync(new Uri(Url, $"inspect?id={id ?? NextId()}"), content).WaitAsync(Timeout);
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return new MqttMessage("upload", body);
    }

    /// <returns>The status and the text of the answer.</returns>
    internal async Task<string> SendAsync(HttpMethod method, string path, HttpContent? content = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Url, path)) { Content = content };
        change?.Invoke(request);
        using var response = await Http.SendAsync(request).WaitAsync(Timeout);
        return FormattableString.Invariant($"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
    }

    /// <summary>Sends bytes as they are over a connection of their own.</summary>
    /// <returns>The first line of the answer, or "closed" where there is none.</returns>
    internal async Task<string> RawAsync(byte[] request)
    {
        using var socket = await ConnectAsync();
        try
        {
            await socket.SendAsync(request).WaitAsync(Timeout);
        }
        catch (SocketException)
        {
            // Refused before all was sent; the answer is there all the same.
        }

        return await AnswerAsync(socket);
    }

    internal Task<string> RawAsync(string request) => RawAsync(Encoding.Latin1.GetBytes(request));

    internal async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port).WaitAsync(Timeout);
        return socket;
    }

    internal static async Task<string> AnswerAsync(Socket socket)
    {
        var answer = new byte[4096];
        var length = 0;
        try
        {
            while (length < answer.Length && !answer.AsSpan(0, length).Contains((byte)'\n') && await socket.ReceiveAsync(answer.AsMemory(length)).AsTask().WaitAsync(Timeout) is > 0 and var more)
                length += more;
        }
        catch (SocketException)
        {
            // Reset by the station.
        }

        return length == 0 ? "closed" : Encoding.Latin1.GetString(answer, 0, length).Split('\r')[0];
    }

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
