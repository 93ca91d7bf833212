using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Benchmarks.Delivery;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Updates;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.BankUpdates;

/// <summary>
/// Pushes a large bank to a real station, over a real mosquitto, with the real <c>mrfad bank push</c>, while the line triggers parts as fast as they are
/// judged: once undisturbed, and once while sender and station are killed with SIGKILL at random moments.
/// </summary>
public sealed class UpdateSoak(UpdateSoakOptions options, TimeProvider clock) : IAsyncDisposable
{
    private const string Camera = "top";

    private readonly Random _random = new(options.Seed);
    private readonly TemporaryFolder _folder = new();
    private readonly BankSigner _office = new();
    private readonly StationTopics _topics = new("site", "line", "s1");
    private readonly Channel<BankMessage> _banks = Channel.CreateUnbounded<BankMessage>();
    private MosquittoBroker _broker = null!;
    private AgentProcess? _station, _sender;
    private string _bank = "";
    private long _asked;
    private int _stationKills, _senderKills;

    /// <returns>The exit code: 1 if the soak failed.</returns>
    public static async Task<int> PrintAsync(UpdateSoakOptions options, TimeProvider clock)
    {
        await using var soak = new UpdateSoak(options, clock);
        var result = await soak.RunAsync();
        Console.WriteLine(result);
        return result is { IsPassed: true, IsOnTime: true } ? 0 : 1;
    }

    public async Task<UpdateSoakResult> RunAsync()
    {
        using var end = new CancellationTokenSource(options.Timeout, clock);
        await PrepareAsync();
        await using var listener = new SoakListener(Link("quality"), _topics, Camera, clock);
        await using var line = new SoakLine(Link("line"), _topics, listener, clock);
        await using var bankLink = Link("bank-listener");
        bankLink.Subscribe(_topics.Bank, OnBank);
        bankLink.Subscribe(_topics.UpdateWant, Count);
        bankLink.Start();
        var gaps = listener.CloseGapsAsync(end.Token);
        var barrier = new Barrier();
        var result = new UpdateSoakResult { Options = options };
        try
        {
            await listener.Ready.WaitAsync(end.Token);
            var inspecting = line.RunAsync(int.MaxValue - 1, barrier.PassAsync, end.Token);
            var second = Make(2);
            result = result with { Bytes = new FileInfo(second).Length, Copy = CopyPlainly(second) };
            var (quiet, transfer) = await PushAsync(second, [], end.Token);
            await ConfirmedAsync(end.Token);
            Interlocked.Exchange(ref _asked, 0);
            var third = Make(3);
            var (killed, _) = await PushAsync(third, [.. Enumerable.Range(0, options.Kills).Select(_ => _random.NextDouble()).Order()], end.Token);
            var chunks = Manifests.ChunksOf(JsonSerializer.Deserialize(Manifests.ReadBeside(third).Manifest, MessageJson.Default.ModelManifest)!);
            result = result with { Quiet = quiet, QuietTransfer = transfer, Killed = killed, Chunks = chunks };
            await barrier.CloseAsync().WaitAsync(end.Token);
            await end.CancelAsync();
            await inspecting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
            result = result with { Failure = $"not over after {options.Timeout.TotalMinutes:0.#} min{Environment.NewLine}{_sender?.Log}{Environment.NewLine}{_station?.Log}" };
        }
        catch (InvalidOperationException e)
        {
            result = result with { Failure = e.Message };
        }

        await end.CancelAsync();
        await gaps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return result with
        {
            Asked = _asked,
            StationKills = _stationKills,
            SenderKills = _senderKills,
            Triggers = barrier.Passed,
            Verdicts = [.. listener.Verdicts.OrderBy(v => v.Seq)],
        };
    }

    public async ValueTask DisposeAsync()
    {
        await (_sender?.DisposeAsync() ?? default);
        await (_station?.DisposeAsync() ?? default);
        await (_broker?.DisposeAsync() ?? default);
        _office.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        Directory.CreateDirectory(_folder.File("good"));
        for (var i = 0; i < 8; i++)
            File.WriteAllBytes(_folder.File($"good/{i}.png"), Part(i));
        for (var i = 0; i < 4; i++)
            File.WriteAllBytes(_folder.File($"parts/{i}.png"), Part(100 + i));
        Directory.CreateDirectory(_folder.File("golden"));
        Directory.CreateDirectory(_folder.File("golden/good"));
        for (var i = 0; i < 2; i++)
            File.Copy(_folder.File($"good/{i}.png"), _folder.File($"golden/good/{i}.png"));
        var encoder = TinyEncoder.Write(_folder.Path);
        _bank = _folder.File("first.mrfbank");
        var (code, output, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", encoder, "--out", _bank, "--id", "parts", "--scales", "1", "--rows", "4000");
        if (code != 0)
            throw new InvalidOperationException(output + errors);
        Directory.CreateDirectory(_folder.File("broker"));
        _broker = await MosquittoBroker.StartNewAsync(settings: ["log_type none", "log_type information"]);
        var config = new JsonObject
        {
            ["station"] = "s1",
            ["mqtt"] = new JsonObject { ["port"] = _broker.Port, ["reconnect_delay"] = "50ms", ["reconnect_delay_max"] = "200ms", ["session_expiry"] = "1h" },
            ["http"] = new JsonObject { ["port"] = 0 },
            ["detector"] = new JsonObject { ["bank"] = _bank, ["encoder"] = encoder },
            ["updates"] = new JsonObject
            {
                ["trusted_keys"] = new JsonArray(new JsonObject { ["id"] = _office.Trusted.Id, ["public_key_file"] = _office.Trusted.PublicKeyFile }),
                ["golden_folder"] = "golden",
                ["keep_free_mb"] = 16,
                ["shadow_frames"] = 4,
            },
            ["cameras"] = new JsonArray(new JsonObject
            {
                ["name"] = Camera,
                ["source"] = "folder:parts",
                ["loop"] = true,
                ["queue_length"] = 64,
                ["deadline"] = "60s",
                ["heatmap"] = new JsonObject { ["publish"] = "never" },
            }),
        };
        File.WriteAllText(_folder.File("station.json"), config.ToJsonString());
        _station = StartStation();
    }

    private AgentProcess StartStation() => AgentProcess.Start(["run", "--config", _folder.File("station.json")]);

    private AgentProcess StartSender(string bank) => AgentProcess.Start(["bank", "push", bank, "--station", "site/line/s1", "--broker", $"127.0.0.1:{_broker.Port}"]);

    private string Make(int version)
    {
        // Noise after the first row is transferred, hashed, checked and mapped like any other row, and does not make the search slower.
        var path = TestModel.Vary(_bank, _office.File($"{version}.mrfbank"), version, (options.Megabytes * 1_000_000L) - new FileInfo(_bank).Length);
        return _office.Sign(path, chunkBytes: 0);
    }

    private TimeSpan CopyPlainly(string path)
    {
        var start = clock.GetTimestamp();
        using (var from = File.OpenRead(path))
        using (var to = File.Create(_folder.File("copy")))
        {
            from.CopyTo(to, 1 << 20);
            to.Flush(flushToDisk: true);
        }

        var took = clock.GetElapsedTime(start);
        File.Delete(_folder.File("copy"));
        return took;
    }

    /// <param name="kills">Times of the kills as shares of the update, 0 to 1: the transfer takes the first nine tenths.</param>
    /// <returns>Duration of the whole update, and of its transfer.</returns>
    private async Task<(TimeSpan Whole, TimeSpan Transfer)> PushAsync(string bank, double[] kills, CancellationToken cancellationToken)
    {
        var (start, transferred, next) = (clock.GetTimestamp(), TimeSpan.Zero, 0);
        _sender = StartSender(bank);
        await foreach (var message in _banks.Reader.ReadAllAsync(cancellationToken))
        {
            var share = message.Update switch
            {
                { Phase: UpdatePhase.Transferring } update => 0.9 * update.Progress,
                { Phase: UpdatePhase.Checking } update => 0.9 + (0.05 * update.Progress),
                { } update => 0.95 + (0.05 * update.Progress),
                _ => 0,
            };
            if (message.Update is { Phase: not UpdatePhase.Transferring } && transferred == TimeSpan.Zero)
                transferred = clock.GetElapsedTime(start);
            if (next < kills.Length && share > kills[next])
            {
                next++;
                await KillAsync(bank);
            }
            else if (message.Update is null && message.Current?.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) == Path.GetFileNameWithoutExtension(bank))
            {
                break;
            }
        }

        var code = await _sender.ExitAsync();
        return code == 0 ? (clock.GetElapsedTime(start), transferred) : throw new InvalidOperationException($"push ended with {code}: {_sender.Output}{_sender.Log}{_station!.Log}");
    }

    /// <summary>Waits until the station has confirmed the bank, after its first verdicts.</summary>
    private async Task ConfirmedAsync(CancellationToken cancellationToken)
    {
        await foreach (var message in _banks.Reader.ReadAllAsync(cancellationToken))
        {
            if (message.Last is { Result: UpdateResult.Confirmed })
                return;
        }
    }

    private async Task KillAsync(string bank)
    {
        if (_random.Next(2) == 0)
        {
            await _station!.DisposeAsync();
            _stationKills++;
            _station = StartStation();
        }
        else
        {
            await _sender!.DisposeAsync();
            _senderKills++;
            _sender = StartSender(bank);
        }
    }

    private async Task OnBank(MqttMessage message, CancellationToken cancellationToken)
    {
        if (!message.Retain)
            await _banks.Writer.WriteAsync(JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.BankMessage)!, cancellationToken);
    }

    private Task Count(MqttMessage message, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _asked, JsonSerializer.Deserialize(message.Payload.Span, MessageJson.Default.ChunkRequest)!.Count);
        return Task.CompletedTask;
    }

    private MqttNetLink Link(string name) => new MqttNetLink(
        new MqttOptions { Port = _broker.Port, ClientId = name, SessionExpiry = TimeSpan.FromHours(1), ReconnectDelay = TimeSpan.FromMilliseconds(50), ReconnectDelayMax = TimeSpan.FromMilliseconds(200) },
        null, clock, NullLogger.Instance);

    private byte[] Part(int seed)
    {
        using var image = new Image(options.Width, options.Height, 3);
        new Random(seed).NextBytes(image.Bytes);
        foreach (ref var pixel in image.Bytes)
            pixel = (byte)(120 + (pixel % 10));
        return ImageCodec.Encode(image, ImageFormat.Png);
    }

    /// <summary>Lets parts pass until it is closed.</summary>
    private sealed class Barrier
    {
        private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();
        private bool _closed;
        private int _waiting;

        public int Passed { get; private set; }

        public Task PassAsync(int part)
        {
            lock (_lock)
            {
                if (!_closed)
                {
                    Passed++;
                    return Task.CompletedTask;
                }

                if (++_waiting == SoakLine.AtOnce)
                    _empty.SetResult();
                return new TaskCompletionSource().Task;
            }
        }

        /// <summary>Completes when each part that has passed has its verdict.</summary>
        public Task CloseAsync()
        {
            lock (_lock)
                _closed = true;
            return _empty.Task;
        }
    }
}
