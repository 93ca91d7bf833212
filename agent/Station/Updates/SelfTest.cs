using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// The golden parts before the inspector that judges the line, one between two frames: at the start, by the clock, and when asked for. A wrong verdict, or
/// a score that has moved since this bank judged the part first, degrades the station until a self-test passes.
/// </summary>
public sealed class SelfTest(
    UpdateOptions options, StationBank bank, StationHealth health, IMqttLink link, BrokerConnection broker, StationTopics topics, TimeProvider clock, string folder) : Worker(health)
{
    // The same file, graph and machine give the same score to the last bits; other numbers of threads change those alone.
    private const float MostDrift = 1e-3f;

    private readonly StationHealth _health = health;
    private readonly SemaphoreSlim _one = new(1);
    private SelfTestMessage? _last;

    private string Part => bank.Camera is null ? "self-test" : $"self-test of {bank.Camera}";

    /// <returns>What was found; it has been published.</returns>
    /// <exception cref="UpdateRefusedException">There are no golden parts, or no bank is loaded.</exception>
    public async Task<SelfTestMessage> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!HasParts())
            throw new UpdateRefusedException("there are no golden parts (updates.golden_folder)");
        await _one.WaitAsync(cancellationToken);
        try
        {
            _last = await Background.Run(() => Test(cancellationToken));
            _health.Set(Part, _last.Reason is { } reason ? $"{Part}: {reason}" : null);
            await PublishAsync(cancellationToken);
            return _last;
        }
        finally
        {
            _one.Release();
        }
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        if (!HasParts())
            return;
        void Again() => _ = PublishAsync(stopping);
        broker.Connected += Again;
        try
        {
            await bank.Detector.Loaded.WaitAsync(stopping);
            do
                await RunOnceAsync(stopping);
            while (await NextAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Between two parts.
        }
        finally
        {
            broker.Connected -= Again;
        }
    }

    /// <summary>Returns true also for a folder that cannot be listed, which the test reports.</summary>
    private bool HasParts()
    {
        try
        {
            return ReferenceParts.In(options.GoldenFolder).Count > 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private async Task<bool> NextAsync(CancellationToken stopping)
    {
        await Task.Delay(options.SelfTestEvery ?? Timeout.InfiniteTimeSpan, clock, stopping);
        return true;
    }

    private SelfTestMessage Test(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var current = bank.Current ?? throw new UpdateRefusedException("the bank is still being loaded");
            if (Test(current, cancellation) is { } result)
                return result;
        }
    }

    /// <returns>Null: another bank took over before it ended.</returns>
    private SelfTestMessage? Test(StoredVersion current, CancellationToken cancellation)
    {
        var first = FirstScores(current.Sha256);
        var (parts, fault) = JudgeAll(first, cancellation);
        if (bank.Current != current)
            return null;
        Keep(current.Sha256, first, parts);
        var moved = parts.FirstOrDefault(p => p is { Score: { } now, FirstScore: { } then } && MathF.Abs(now - then) > MostDrift * MathF.Abs(then));
        var reason = fault
            ?? (moved is null ? null : FormattableString.Invariant($"{moved.Part} scored {moved.Score}, with the same bank and image it was {moved.FirstScore}"));
        return new SelfTestMessage { Station = topics.Station, Passed = reason is null, Reason = reason, Bank = current.ToMessage(), Parts = parts, At = clock.GetUtcNow() };
    }

    /// <returns>The parts, and why the first that was judged wrongly was; null where all were judged rightly.</returns>
    private (List<ReferencePartResult> Parts, string? Fault) JudgeAll(Dictionary<string, float> first, CancellationToken cancellation)
    {
        var parts = new List<ReferencePartResult>();
        string? fault = null;
        try
        {
            foreach (var (path, isBad) in ReferenceParts.In(options.GoldenFolder))
            {
                cancellation.ThrowIfCancellationRequested();
                var (name, wanted) = ($"{(isBad ? "bad" : "good")}/{Path.GetFileName(path)}", isBad ? Verdict.Ng : Verdict.Ok);
                var (verdict, score, why) = Judge(path);
                parts.Add(new ReferencePartResult { Part = name, Wanted = wanted, Verdict = verdict, Score = score, FirstScore = first.TryGetValue(name, out var before) ? before : null });
                if (verdict != wanted)
                    fault ??= $"{name} was {verdict.ToText()}, want {wanted.ToText()}{(why is null ? "" : $": {why}")}";
            }
        }
        catch (IOException e)
        {
            fault = e.Message; // the folder cannot be listed
        }

        return (parts, fault);
    }

    /// <returns>Why is null, except where the part could not be judged.</returns>
    private (Verdict Verdict, float? Score, string? Why) Judge(string path)
    {
        try
        {
            using var image = ImageCodec.Read(path);
            return bank.Detector.Judge(inspector => inspector.Inspect(image) is { } judged ? (judged.IsDefective ? Verdict.Ng : Verdict.Ok, judged.Score, null) : default((Verdict, float?, string?)));
        }
        catch (Exception e) when (e is ImageFormatException or ImageMismatchException or IOException)
        {
            return (Verdict.Invalid, null, e.Message);
        }
    }

    private string FileOf(string sha256) => Path.Combine(folder, $"self-test-{sha256[..16]}.json");

    private Dictionary<string, float> FirstScores(string sha256)
    {
        try
        {
            return File.Exists(FileOf(sha256)) ? JsonSerializer.Deserialize<Dictionary<string, float>>(UserFiles.ReadText(FileOf(sha256)), StationJson.Options)! : [];
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return [];
        }
    }

    private void Keep(string sha256, Dictionary<string, float> first, List<ReferencePartResult> parts)
    {
        if (parts.Where(p => p.Score is not null).All(p => p.FirstScore is not null))
            return;
        foreach (var part in parts.Where(p => p.Score is not null))
            first.TryAdd(part.Part, part.Score!.Value);
        try
        {
            foreach (var old in UserFiles.Files(folder, "self-test-*.json").Where(f => f != FileOf(sha256)))
                UserFiles.Delete(old);
            AtomicFile.Write(FileOf(sha256), JsonSerializer.SerializeToUtf8Bytes(first, StationJson.Options));
        }
        catch (IOException)
        {
            // A disk that is full or not to be written: they are the first ones next time.
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        if (_last is not { } message || !broker.IsConnected)
            return;
        try
        {
            await link.PublishAsync(
                new MqttMessage(topics.SelfTest, JsonSerializer.SerializeToUtf8Bytes(message, MessageJson.Default.SelfTestMessage)) { Retain = true, ContentType = "application/json" }, cancellationToken);
        }
        catch (MqttLinkException)
        {
            // It is said again after the next connect.
        }
    }
}
