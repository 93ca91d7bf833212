using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Outbox;
using MrfAd.Station.Reporting;
using MrfAd.Station.Results;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Benchmarks.Delivery;

/// <summary>
/// Measures the cost of the outbox: the time from the arrival of a trigger to the broker's acknowledgement of its verdict, with the outbox (trigger and
/// verdict each on disk) and with the plain link, alternately in one run; and the maximum rate of verdicts.
/// </summary>
internal static class AddedLatency
{
    private const int Rounds = 2000;
    private const int WarmUp = 200;
    private const int Flood = 20_000;

    public static async Task RunAsync(string? folder)
    {
        await using var broker = await MosquittoBroker.StartNewAsync(settings: ["log_type none", "log_type information"]);
        using var temporary = new TemporaryFolder();
        var clock = TimeProvider.System;
        var health = new StationHealth(clock);
        using var meter = new MrfAdMeter("0");
        await using var link = new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = "station" }, null, clock, NullLogger.Instance);
        var connection = new BrokerConnection(link, health);
        using var store = new ResultsStore(folder ?? temporary.File("state"), clock);
        using var outbox = new StationOutbox(store, new OutboxOptions(), StationMessages.Write, connection, health, meter, clock, NullLogger<StationOutbox>.Instance);
        var messages = new StationMessages(new StationTopics("site", "line", "s1"), "0");
        link.Start();
        await connection.WaitAsync(CancellationToken.None);
        var sending = outbox.RunAsync(CancellationToken.None);

        var (with, without, disk) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 1; i <= Rounds + WarmUp; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var onDisk = await ThroughOutboxAsync(outbox, messages, i, start);
            var whole = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            var verdict = Verdict(i);
            await link.PublishAsync(StationMessages.Write(messages.VerdictHeaders(verdict), StationMessages.Content(verdict), historical: false), CancellationToken.None);
            if (i <= WarmUp)
                continue;
            without.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            with.Add(whole);
            disk.Add(onDisk);
        }

        Print("trigger to acknowledgement, outbox", with);
        Print("  of which: trigger on disk", disk);
        Print("trigger to acknowledgement, plain", without);

        var begin = Stopwatch.GetTimestamp();
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        outbox.VerdictSent += message =>
        {
            if (message.Headers.Seq == Rounds + WarmUp + Flood)
                all.TrySetResult();
        };
        for (var i = 1; i <= Flood; i++)
            Add(outbox, messages, Verdict(Rounds + WarmUp + i));
        await all.Task;
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        begin = Stopwatch.GetTimestamp();
        var flying = new Queue<Task>();
        for (var i = 1; i <= Flood; i++)
        {
            // As many in flight as the outbox allows.
            if (flying.Count == 16)
                await flying.Dequeue();
            var verdict = Verdict(i);
            flying.Enqueue(link.PublishAsync(StationMessages.Write(messages.VerdictHeaders(verdict), StationMessages.Content(verdict), historical: false), CancellationToken.None));
        }

        await Task.WhenAll(flying);
        var plain = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Console.WriteLine(FormattableString.Invariant($"verdicts a second, {Flood} of {StationMessages.Content(Verdict(1)).Length} bytes: outbox {Flood / seconds:0} (each on disk before it is sent), plain {Flood / plain:0}"));
        outbox.Complete();
        await sending;
    }

    /// <returns>Milliseconds until the trigger was on disk.</returns>
    private static async Task<double> ThroughOutboxAsync(StationOutbox outbox, StationMessages messages, int part, long start)
    {
        var verdict = Verdict(part);
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Sent(OutboxMessage message)
        {
            if (message.Headers.Id == verdict.Id)
                sent.TrySetResult();
        }

        outbox.VerdictSent += Sent;
        outbox.Add(new TriggerEntry(verdict.Id, part, "top", verdict.Trigger.Id, "mqtt", verdict.Trigger.At));
        var onDisk = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        Add(outbox, messages, verdict);
        await sent.Task;
        outbox.VerdictSent -= Sent;
        return onDisk;
    }

    private static void Add(StationOutbox outbox, StationMessages messages, VerdictMessage verdict) =>
        outbox.AddVerdict(messages.VerdictHeaders(verdict), verdict, StationMessages.Content(verdict));

    private static VerdictMessage Verdict(int part) => new()
    {
        Id = Guid.CreateVersion7(),
        Seq = part,
        Station = "s1",
        Camera = "top",
        Trigger = new VerdictTrigger { Id = $"part-{part}", Source = "mqtt", At = TimeProvider.System.GetUtcNow() },
        CapturedAt = TimeProvider.System.GetUtcNow(),
        Verdict = Contracts.Verdict.Ng,
        Score = 31.25f,
        Threshold = 20.5f,
        PValue = 0.001,
        Regions = [.. Enumerable.Range(0, 3).Select(i => new VerdictRegion { XPx = i, YPx = 2, WidthPx = 3, HeightPx = 4, AreaPx = 5, Score = 31.25f })],
        Bank = new VerdictBank { Id = "bottle", Version = 3, Sha256 = new string('a', 64) },
        Encoder = new VerdictEncoder { Id = "resnet", Sha256 = new string('0', 64) },
        Frame = new VerdictFrame { WidthPx = 900, HeightPx = 800, Source = "001.png" },
        TimingsMs = new VerdictTimings { Queue = 1, Decode = 2, Features = 300, Search = 400.5, Fuse = 5, Total = 708.5 },
    };

    private static void Print(string what, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(FormattableString.Invariant($"{what}: p50 {milliseconds[milliseconds.Count / 2]:0.00} ms, p99 {milliseconds[milliseconds.Count * 99 / 100]:0.00} ms"));
    }
}
