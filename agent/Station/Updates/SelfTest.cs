using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// Inspects the reference parts with the inspector that judges the line, each between two frames: at the start, at an interval, and on command. A wrong
/// verdict, or a score that differs from the first one of this bank for that part, makes the station Degraded until a self-test passes.
/// </summary>
public sealed class SelfTest(
    UpdateOptions options, StationBank bank, StationHealth health, IMqttLink link, BrokerConnection broker, StationTopics topics, TimeProvider clock, string folder) : Worker(health)
{
    // Relative. The same file, graph and machine give the same score up to the last bits, which depend on the number of threads.
    private const float MaxDrift = 1e-3f;

    private readonly StationHealth _health = health;
    private readonly SemaphoreSlim _single = new(1);
    private SelfTestMessage? _last;
    private volatile bool _isRefused;

    private string Part => $"self-test{bank.Of}";

    /// <summary>The regions that were drawn at the station, by which its first camera judges the reference parts; null means that the bank's own hold.</summary>
    public StationRegions? Regions { get; set; }

    /// <summary>Runs the self-test once and publishes its result.</summary>
    /// <exception cref="UpdateRefusedException">There are no reference parts, or no bank is loaded.</exception>
    public async Task<SelfTestMessage> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!HasParts())
            throw new UpdateRefusedException("there are no reference parts (updates.golden_folder)");
        await _single.WaitAsync(cancellationToken);
        try
        {
            _last = await Background.Run(() => Test(cancellationToken));
            _health.SelfTested(Part, _last.Passed);
            _health.Set(Part, _last.Reason is { } reason ? $"{Part}: {reason}" : null);
            await PublishAsync(cancellationToken);
            return _last;
        }
        finally
        {
            _single.Release();
        }
    }

    /// <summary>Reports that a self-test is to come, before anybody can see the station as Ready.</summary>
    public void Announce()
    {
        if (HasParts())
            _health.SelfTested(Part, false);
    }

    protected override async Task RunAsync(CancellationToken stopping)
    {
        if (!HasParts())
            return;
        void Republish() => _ = PublishAsync(stopping);
        void OnRetryDue()
        {
            if (_isRefused)
                Republish();
        }

        broker.Connected += Republish;
        broker.RetryDue += OnRetryDue;
        try
        {
            await bank.Detector.Loaded.WaitAsync(stopping);
            do
                await RunOnceAsync(stopping);
            while (await NextAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The station stops between two parts.
        }
        finally
        {
            broker.Connected -= Republish;
            broker.RetryDue -= OnRetryDue;
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
            var current = bank.Current ?? throw new UpdateRefusedException(bank.Detector.WhyNone);
            if (Test(current, cancellation) is { } result)
                return result;
        }
    }

    /// <summary>Tests one bank.</summary>
    /// <returns>Null where another bank, or other regions, took over before the test ended.</returns>
    private SelfTestMessage? Test(StoredVersion current, CancellationToken cancellation)
    {
        var key = KeyOf(current);
        var first = FirstScores(key);
        var (parts, fault) = JudgeAll(current, first, cancellation);
        if (bank.Current != current || KeyOf(current) != key)
            return null;
        SaveFirstScores(key, first, parts);
        var moved = parts.FirstOrDefault(p => p is { Score: { } now, FirstScore: { } then } && MathF.Abs(now - then) > MaxDrift * MathF.Abs(then));
        var reason = fault
            ?? (moved is null ? null : FormattableString.Invariant($"{moved.Part} scored {moved.Score}, with the same bank and image it was {moved.FirstScore}"));
        return new SelfTestMessage { Station = topics.Station, Product = bank.Product, Passed = reason is null, Reason = reason, Bank = current.ToMessage(), Parts = parts, At = clock.GetUtcNow() };
    }

    /// <summary>Judges all parts.</summary>
    /// <returns>The results, and one sentence about the first part that was judged wrongly; null where all were judged as wanted.</returns>
    private (List<ReferencePartResult> Parts, string? Fault) JudgeAll(StoredVersion current, Dictionary<string, float> first, CancellationToken cancellation)
    {
        // The model of a product that is not inspected now is opened for the test alone: it must not take the place of one that is.
        using var own = bank.Detector.IsLoaded ? null : bank.Open(current);
        var parts = new List<ReferencePartResult>();
        string? fault = null;
        try
        {
            foreach (var (path, isBad) in ReferenceParts.In(options.GoldenFolder))
            {
                cancellation.ThrowIfCancellationRequested();
                var (name, wanted) = ($"{(isBad ? "bad" : "good")}/{Path.GetFileName(path)}", isBad ? Verdict.Ng : Verdict.Ok);
                var (verdict, score, why) = Judge(path, own);
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

    /// <summary>Judges one part.</summary>
    /// <returns>The verdict, the score, and why the part could not be judged, or null where it could.</returns>
    private (Verdict Verdict, float? Score, string? Why) Judge(string path, IInspector? own)
    {
        try
        {
            using var image = ImageCodec.Read(path, bank.Detector.Info?.Limits);
            return own is null ? bank.Detector.Judge(Inspect) : Inspect(own);

            (Verdict, float?, string?) Inspect(IInspector inspector) =>
                inspector.Inspect(image, null, RegionsFor(inspector.Info)) is var judged ? (judged.IsDefective ? Verdict.Ng : Verdict.Ok, judged.Score, null) : default;
        }
        catch (Exception e) when (e is ImageFormatException or ImageMismatchException or IOException)
        {
            return (Verdict.Invalid, null, e.Message);
        }
    }

    private PartRegions? RegionsFor(InspectorInfo info) => Regions?.InForce(bank.FirstCamera, bank.Product, info);

    /// <returns>Identifies a bank and the regions that were drawn for it, as scores are compared only with those of the same two.</returns>
    private string KeyOf(StoredVersion current) =>
        bank.Detector.Info is { } info && RegionsFor(info) is { } regions ? $"{current.Sha256[..16]}-{regions.Sha256[..16]}" : current.Sha256[..16];

    private string FileOf(string key) => Path.Combine(folder, $"self-test-{key}.json");

    private Dictionary<string, float> FirstScores(string key)
    {
        try
        {
            // Null where the file has the text null.
            return (File.Exists(FileOf(key)) ? JsonSerializer.Deserialize<Dictionary<string, float>>(UserFiles.ReadText(FileOf(key)), StationJson.Options) : null) ?? [];
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return [];
        }
    }

    private void SaveFirstScores(string key, Dictionary<string, float> first, List<ReferencePartResult> parts)
    {
        if (parts.Where(p => p.Score is not null).All(p => p.FirstScore is not null))
            return;
        foreach (var part in parts.Where(p => p.Score is not null))
            first.TryAdd(part.Part, part.Score!.Value);
        try
        {
            foreach (var old in UserFiles.Files(folder, "self-test-*.json").Where(f => f != FileOf(key)))
                UserFiles.Delete(old);
            AtomicFile.Write(FileOf(key), JsonSerializer.SerializeToUtf8Bytes(first, StationJson.Options));
        }
        catch (IOException)
        {
            // The disk is full or cannot be written; the scores of the next test will be the first ones.
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
            _isRefused = false;
        }
        catch (MqttLinkException e)
        {
            // It is published again after the next connect, or, where the broker refuses it, when its topic is due for a retry.
            _isRefused = e.MayPass;
        }
    }
}
