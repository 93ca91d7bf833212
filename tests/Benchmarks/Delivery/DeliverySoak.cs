using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>
/// Checks that each trigger has one verdict after any outage: the real agent with a real bank and a real mosquitto (persistence on, saved after each
/// change), with a proxy between them. Both are killed with SIGKILL at random moments, the connection is cut and slowed, and the disk is once full.
/// </summary>
/// <param name="configure">Writes the parts and the configuration into a folder, for the port of the broker.</param>
public sealed class DeliverySoak(SoakOptions options, Action<TemporaryFolder, int> configure, TimeProvider clock) : IAsyncDisposable
{
    private const string Camera = "top";
    private const string Cameras = $$"""[{ "name": "{{Camera}}", "source": "folder:parts", "loop": true, "queue_length": 64, "deadline": "10s", "heatmap": { "publish": "ng" } }]""";
    private static readonly TimeSpan Session = TimeSpan.FromHours(1);
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FullFor = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(10);

    private readonly Random _random = new(options.Seed);
    private readonly TemporaryFolder _folder = new();
    private readonly StationTopics _topics = new("site", "line", "s1");
    private MosquittoBroker _broker = null!;
    private TcpProxy _proxy = null!;
    private AgentProcess _agent = null!;
    private SmallDisk? _disk;
    private TimeSpan _fullFor;
    private int _agentKills, _brokerKills, _cuts, _slow, _full, _readOnly;
    private bool _inMemory;

    /// <summary>Learns a bank, runs the soak and prints the result.</summary>
    /// <returns>The exit code: 1 if the soak failed.</returns>
    public static async Task<int> PrintAsync(SoakOptions options, TimeProvider clock)
    {
        using var station = new LearnedStation();
        using var products = new LearnedProducts();
        if (options.Products.Count > 0)
            await products.InitializeAsync();
        else
            await station.InitializeAsync();
        await using var soak = new DeliverySoak(options, options.Products.Count > 0 ? ByProducts(products) : ByOne(station), clock);
        var result = await soak.RunAsync();
        Console.WriteLine(result);
        return result.IsPassed ? 0 : 1;
    }

    /// <summary>Returns the configuration of a station with one model, whose parts are good and defective.</summary>
    public static Action<TemporaryFolder, int> ByOne(LearnedStation station) => (folder, port) =>
    {
        for (var i = 0; i < 4; i++)
            LearnedStation.WritePart(Path.Combine(folder.File("parts"), $"{i}.png"), seed: i, defective: i == 3);
        station.Configure(folder, port, Cameras);
    };

    /// <summary>Returns the configuration of a station with products, which the camera sees in turn, whatever product the trigger chooses: only the right model calls a part good.</summary>
    public static Action<TemporaryFolder, int> ByProducts(LearnedProducts products) => (folder, port) =>
    {
        foreach (var name in LearnedProducts.Names)
            File.WriteAllBytes(Path.Combine(folder.File("parts"), $"{name}.png"), LearnedProducts.Part(name, seed: 100));
        products.Configure(folder, port, Cameras);
    };

    /// <summary>Runs the soak until it ends or its timeout is over.</summary>
    public async Task<SoakResult> RunAsync()
    {
        var start = clock.GetTimestamp();
        using var end = new CancellationTokenSource(options.Timeout, clock);
        await PrepareAsync();
        await using var listener = new SoakListener(Link("quality"), _topics, Camera, clock);
        await using var line = new SoakLine(Link("line"), _topics, listener, clock, options.ProductOf);
        var gaps = listener.CloseGapsAsync(end.Token);
        string? failure = null;
        try
        {
            await listener.Ready.WaitAsync(end.Token);
            var plan = Plan();
            await Task.WhenAll(line.RunAsync(options.Triggers, plan.MayGoAsync, end.Token), plan.RunAsync(listener, clock, end.Token));
        }
        catch (OperationCanceledException)
        {
            failure = $"not over after {options.Timeout.TotalMinutes:0.#} min";
        }

        await end.CancelAsync();
        await gaps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new SoakResult
        {
            Options = options,
            Failure = failure,
            Duration = clock.GetElapsedTime(start),
            AgentKills = _agentKills,
            BrokerKills = _brokerKills,
            Cuts = _cuts,
            Slow = _slow,
            DiskFull = _full,
            FullFor = _fullFor,
            ReadOnly = _readOnly,
            InMemory = _inMemory,
            Verdicts = listener.Verdicts,
            Messages = listener.Messages,
            Historical = listener.Historical,
            OutOfOrder = listener.OutOfOrder,
            Contradictions = listener.Contradictions,
            Replays = listener.Replays,
            ReplayedSeqs = listener.ReplayedSeqs,
            Unacknowledged = line.Unacknowledged,
            Unanswered = line.Unanswered,
        };
    }

    public async ValueTask DisposeAsync()
    {
        // If the test is skipped, the agent was never started.
        await (_agent?.DisposeAsync() ?? default);
        await (_proxy?.DisposeAsync() ?? default);
        await (_broker?.DisposeAsync() ?? default);
        _disk?.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        Directory.CreateDirectory(_folder.File("broker"));
        _broker = await MosquittoBroker.StartNewAsync(settings:
            ["persistence true", $"persistence_location {_folder.File("broker")}/", "autosave_on_changes true", "autosave_interval 1", "log_type none", "log_type information"]);
        _proxy = new TcpProxy(_broker.Port);
        _disk = SmallDisk.Mount(out _, _folder.File("state"), megabytes: 64);
        configure(_folder, _proxy.Port);
        StartAgent();
    }

    private void StartAgent() => _agent = AgentProcess.Start(
        ["run", "--config", _folder.File("station.json")], new Dictionary<string, string> { ["MRFAD__MQTT__SESSION_EXPIRY"] = $"{Session.TotalHours}h" });

    private MqttNetLink Link(string name) => new MqttNetLink(
        new MqttOptions { Port = _broker.Port, ClientId = name, SessionExpiry = Session, ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) },
        null, clock, NullLogger.Instance);

    /// <summary>Returns all disturbances, each with the random number of verdicts that starts it.</summary>
    private DisturbancePlan Plan()
    {
        IEnumerable<Func<CancellationToken, Task>> all =
        [
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(KillAgentAsync, options.Kills),
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(KillBrokerAsync, options.Kills),
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(CutAsync, options.Cuts),
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(SlowAsync, options.Cuts),
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(FillDiskAsync, options.Fills),
            .. Enumerable.Repeat<Func<CancellationToken, Task>>(MakeReadOnlyAsync, options.ReadOnly),
        ];
        return new DisturbancePlan(all, options.Triggers, _random);
    }

    private async Task KillAgentAsync(CancellationToken cancellationToken)
    {
        await _agent.DisposeAsync();
        _agentKills++;
        StartAgent();
    }

    private async Task KillBrokerAsync(CancellationToken cancellationToken)
    {
        await _broker.KillAsync();
        _brokerKills++;
        await _broker.StartAsync();
    }

    private Task CutAsync(CancellationToken cancellationToken)
    {
        _proxy.Cut();
        _cuts++;
        return Task.CompletedTask;
    }

    private async Task SlowAsync(CancellationToken cancellationToken)
    {
        _proxy.Delay = TimeSpan.FromMilliseconds(50);
        await Task.Delay(SlowFor, clock, cancellationToken);
        _proxy.Delay = TimeSpan.Zero;
        _slow++;
    }

    /// <summary>Fills the disk while triggers go on. Messages in memory do not survive a SIGKILL, so no kill follows until they are on disk.</summary>
    private async Task FillDiskAsync(CancellationToken cancellationToken)
    {
        if (_disk is null)
            return;
        await _agent.ListeningAsync();
        var start = clock.GetTimestamp();
        // The agent frees space: pictures first, then verdicts that the broker has acknowledged. It reports when there is nothing more to delete.
        while (clock.GetElapsedTime(start) < FullFor)
        {
            _disk.Fill();
            await Task.Delay(Moment, clock, cancellationToken);
        }

        _full++;
        _fullFor += clock.GetElapsedTime(start);
        _inMemory |= _agent.Log.Contains("The outbox cannot be written", StringComparison.Ordinal);
        _disk.Free();
        await Task.Delay(FullFor, clock, cancellationToken);
    }

    /// <summary>Kills the agent, which finds its state folder read-only at its start and judges from memory; then the folder can be written again. No kill follows until all is on disk.</summary>
    private async Task MakeReadOnlyAsync(CancellationToken cancellationToken)
    {
        if (_disk is null)
            return;
        await _agent.DisposeAsync();
        _agentKills++;
        _disk.SetReadOnly(true);
        StartAgent();
        await _agent.ListeningAsync();
        await Task.Delay(FullFor, clock, cancellationToken);
        _disk.SetReadOnly(false);
        _readOnly++;
        await Task.Delay(FullFor * 2, clock, cancellationToken);
    }
}
