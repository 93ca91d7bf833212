using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Station.Tests.Reporting;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Outbox;

/// <summary>An outbox in a folder of its own with a broker in memory, for tests that open it several times as a station that restarts.</summary>
public sealed class OutboxLab : IAsyncDisposable
{
    public static TimeSpan Timeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<IDisposable> _open = [];

    public OutboxLab()
    {
        Health = new StationHealth(Clock);
        Broker = new BrokerConnection(Link, Health);
        State = _folder.File("state");
    }

    public FakeClock Clock { get; } = new();

    public FakeLink Link { get; } = new();

    public MrfAdMeter Meter { get; } = new("0");

    public StationHealth Health { get; }

    public BrokerConnection Broker { get; }

    /// <summary>The state folder; a test may choose another one.</summary>
    public string State { get; set; }

    public string Database => Path.Combine(State, ResultsStore.FileName);

    public OutboxOptions Options { get; set; } = new();

    public CancellationToken Stop => _stop.Token;

    public ResultsStore Store { get; private set; } = null!;

    public StationOutbox Open(Func<MessageHeaders, ReadOnlyMemory<byte>, bool, MqttMessage>? write = null, TimeProvider? clock = null)
    {
        Store = new ResultsStore(State, clock ?? Clock);
        // Closed in any case: one that the outbox cannot use still has its files.
        _open.Add(Store);
        var outbox = new StationOutbox(
            Store, Options,
            write ?? ((headers, content, historical) => new MqttMessage(headers.Topic, Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(content.Span).TrimEnd() + (historical ? " historical" : "")))),
            Broker, Health, Meter, clock ?? Clock, NullLogger<StationOutbox>.Instance);
        _open.Add(outbox);
        return outbox;
    }

    /// <summary>Ends the station as a stop does.</summary>
    public void Close()
    {
        foreach (var part in Enumerable.Reverse(_open))
            part.Dispose();
        _open.Clear();
    }

    /// <summary>Ends the station as a kill does: the next one finds the files as they are now.</summary>
    public void Kill()
    {
        var copy = _folder.File($"killed-{Guid.NewGuid():N}");
        CopyFolder(State, copy);
        // .NET does not open a locked file a second time.
        using var process = System.Diagnostics.Process.Start("cp", [Path.Combine(State, "results.lock"), copy]);
        process.WaitForExit();
        State = copy;
    }

    public OutboxMessage Add(StationOutbox outbox, int seq, int size = 0, string camera = "top") =>
        outbox.AddVerdict(HeadersOf(seq, camera), VerdictOf(seq, camera), Encoding.UTF8.GetBytes($"{seq}" + new string(' ', size)));

    /// <summary>Waits until all that was added is on disk.</summary>
    public async Task SavedAsync(StationOutbox outbox)
    {
        while (outbox.Verdicts.Unsaved + outbox.Parts.Unsaved + outbox.Pictures.Unsaved > 0)
            await Store.WriteAsync(_ => { }).WaitAsync(Timeout);
    }

    public TriggerEntry Trigger(int seq) => new(IdOf(seq), seq, "top", $"part-{seq}", "mqtt", Clock.GetUtcNow());

    public MessageHeaders HeadersOf(int seq, string camera = "top") => new()
    {
        Topic = $"t/{camera}",
        ContentType = "application/json",
        Camera = camera,
        Seq = seq,
        Id = IdOf(seq, camera),
        Trigger = $"part-{seq}",
        At = Clock.GetUtcNow(),
    };

    public static Guid IdOf(int seq, string camera = "top") => new(seq, (short)(camera == "top" ? 0 : 1), 0, new byte[8]);

    /// <summary>Sends all that waits, and ends.</summary>
    public async Task SendAllAsync()
    {
        var outbox = Open();
        outbox.Complete();
        await outbox.RunAsync(Stop).WaitAsync(Timeout);
        Close();
    }

    /// <summary>Advances the clock, so that delays pass, until the condition holds.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Timeout, $"{what}: not within {Timeout.TotalSeconds} s; {Health.Current.Reason}");
            Clock.Advance(TimeSpan.FromMilliseconds(200));
            // Leaves the processor to the writer and the senders.
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }

    public List<string> Texts() => [.. Link.Published.Select(m => Encoding.UTF8.GetString(m.Payload.Span))];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Close();
        _stop.Dispose();
        Meter.Dispose();
        _folder.Dispose();
        await Link.DisposeAsync();
    }

    private VerdictMessage VerdictOf(int seq, string camera) => new()
    {
        Id = IdOf(seq, camera),
        Seq = seq,
        Station = "s1",
        Camera = camera,
        Trigger = new VerdictTrigger { Id = $"part-{seq}", Source = "mqtt", At = Clock.GetUtcNow() },
        Verdict = Verdict.Ok,
        TimingsMs = new VerdictTimings { Total = 1 },
    };

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
            File.WriteAllBytes(Path.Combine(to, Path.GetFileName(file)), ReadShared(file));
        foreach (var folder in Directory.GetDirectories(from))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    private static byte[] ReadShared(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
