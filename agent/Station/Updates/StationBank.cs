using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Station.Inspection;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Updates;

/// <summary>
/// A detector, the station's or a camera's own, and its stored bank versions: opens one at the start and replaces it by another between two frames. The
/// state on disk changes first, so that a crash at any moment leaves one of the two, complete.
/// </summary>
public sealed partial class StationBank : IDisposable
{
    private readonly Func<DetectorOptions, IInspector> _open;
    private readonly DetectorOptions _options;
    private readonly AuditLog _audit;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Lock _swap = new();
    private bool _wasOpened;

    public StationBank(ConfiguredDetector detector, BankStore store, Func<DetectorOptions, IInspector> open, AuditLog audit, TimeProvider clock, ILogger<StationBank> log, bool collects = false)
    {
        (Product, Camera, Cameras) = (detector.Product, detector.Camera, detector.Cameras);
        (Store, _options, _open, _audit, _clock, _log) = (store, detector.Detector, open, audit, clock, log);
        Detector = new Detector(OpenCurrent, () => Store.PathOf(Store.Banks.Current) is var path && File.Exists(path) ? FileLength.Of(path) : 0);
        if (collects && Store.Banks.Current is null && !Path.Exists(_options.Bank))
            Detector.Collect();
    }

    /// <summary>The product that the detector judges; null where the station has none.</summary>
    public string? Product { get; }

    /// <summary>The name of the detector in topics and commands, that of a camera; null for the station's or the product's own detector.</summary>
    public string? Camera { get; }

    /// <summary>The name of the detector in sentences after what belongs to it, such as " of camera1"; empty for the station's own.</summary>
    public string Of => (Product, Camera) switch
    {
        (null, null) => "",
        (null, _) => $" of {Camera}",
        (_, null) => $" of {Product}",
        _ => $" of {Product} at {Camera}",
    };

    /// <summary>The cameras whose frames the detector judges.</summary>
    public IReadOnlyList<string> Cameras { get; }

    /// <summary>The first of the cameras, by whose regions reference parts are judged; null where there is none.</summary>
    public string? FirstCamera => Cameras is [var first, ..] ? first : null;

    /// <summary>Returns true where the detector judges the frames of a camera that show a product.</summary>
    public bool Judges(string camera, string? product) => Product == product && Cameras.Contains(camera);

    /// <summary>The configured options of the detector.</summary>
    public DetectorOptions Options => _options;

    public BankStore Store { get; }

    public Detector Detector { get; }

    /// <summary>The version that judges; null until it is loaded.</summary>
    public StoredVersion? Current => Detector.Info is { } info ? StoredVersion.Of(info, Store.Banks.Current?.Sha256 == info.BankSha256 ? Store.Banks.Current.Key : null) : null;

    /// <summary>Opens a version.</summary>
    /// <param name="threads">Number of threads; null for the configured number.</param>
    /// <exception cref="Engine.Banks.BankFormatException">The file is damaged, is not the expected one, or does not fit the encoder.</exception>
    /// <exception cref="Onnx.Graphs.OnnxModelException">The encoder cannot be used.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public IInspector Open(StoredVersion version, int? threads = null)
    {
        var path = Store.PathOf(version);
        var inspector = Open(path, threads);
        if (inspector.Info.BankSha256 == version.Sha256)
            return inspector;
        inspector.Dispose();
        throw new Engine.Banks.BankFormatException($"{path} is damaged: its sha256 is not that of {version}");
    }

    /// <summary>Opens another bank file, such as a correction.</summary>
    /// <inheritdoc cref="Open(StoredVersion, int?)"/>
    public IInspector Open(string path, int? threads = null) => _open(_options with { Bank = path, Threads = threads ?? _options.Threads });

    /// <summary>Opens a version and prepares it, so that its first image is not slow.</summary>
    /// <param name="warmUp">Called with the inspector before it judges; may be null.</param>
    /// <inheritdoc cref="Open(StoredVersion, int?)"/>
    public IInspector OpenReady(StoredVersion version, Action<IInspector>? warmUp = null)
    {
        var inspector = Open(version);
        try
        {
            inspector.Prepare(_ => { });
            warmUp?.Invoke(inspector);
            return inspector;
        }
        catch
        {
            // The inspector may hold memory of the device.
            inspector.Dispose();
            throw;
        }
    }

    /// <summary>Replaces the version in use: from the next frame on the given version judges.</summary>
    /// <param name="next">The opened and prepared inspector of that version; this method owns it.</param>
    /// <param name="change">Makes the other changes of the stored state.</param>
    /// <param name="cancellation">Where it is cancelled before the swap, nothing changes.</param>
    /// <exception cref="IOException">The state could not be written, and nothing has changed.</exception>
    public void Swap(
        StoredVersion version, IInspector next, string by, UpdateResult result, string reason, Func<StoredBanks, StoredBanks> change, CancellationToken cancellation = default)
    {
        lock (_swap)
        {
            try
            {
                cancellation.ThrowIfCancellationRequested();
                var before = Current ?? throw new OperationCanceledException("the station is stopping");
                Store.BackUpConfigured(before);
                Audit(by, result, version, reason);
                Store.Change(banks => change(banks with
                {
                    Current = version,
                    Previous = before,
                    Trusted = WithTrusted(WithTrusted(banks.Trusted, before), version),
                    Last = Outcome(version, result, reason),
                }));
                LogSwapped(_log, version.ToString(), before.ToString(), reason);
            }
            catch
            {
                next.Dispose();
                throw;
            }

            Detector.Replace(next)?.Dispose();
        }
    }

    /// <summary>Puts the previous version back into use; a second rollback undoes this.</summary>
    /// <param name="by">The key or the channel that asked for the rollback.</param>
    /// <param name="bad">The version to roll back from; where another judges by now, nothing is done. Null for any version.</param>
    /// <returns>The version that judges now.</returns>
    /// <exception cref="UpdateRefusedException">There is no previous version, or it cannot be opened.</exception>
    /// <exception cref="IOException">The state could not be written, and nothing has changed.</exception>
    public StoredVersion RollBack(string by, string reason, StoredVersion? bad = null)
    {
        lock (_swap)
        {
            var current = Current ?? throw new UpdateRefusedException(Detector.WhyNone);
            if (bad is not null && bad != current)
                return current;
            var previous = Store.Banks.Previous ?? throw new UpdateRefusedException($"there is nothing to go back to: {current} is the first");
            IInspector next;
            try
            {
                next = OpenReady(previous);
            }
            catch (Exception e) when (IsUnusable(e))
            {
                throw new UpdateRefusedException($"{previous} cannot be opened: {e.Message}", e);
            }

            Swap(previous, next, by, UpdateResult.RolledBack, reason, banks => banks with { Watched = null, Last = Outcome(current, UpdateResult.RolledBack, reason) });
            return previous;
        }
    }

    /// <summary>Reports that a version was refused, and writes it to the audit log. On a full disk that line may be lost; the refusal stands.</summary>
    public void Refused(StoredVersion version, string by, string reason)
    {
        LogRefused(_log, version.ToString(), reason);
        ChangeWherePossible(banks => banks with { Last = Outcome(version, UpdateResult.Refused, reason) }, () => Audit(by, UpdateResult.Refused, version, reason));
    }

    /// <summary>Returns true for the exceptions with which opening a bank may fail.</summary>
    public static bool IsUnusable(Exception e) => e is Engine.Banks.BankFormatException or Onnx.Graphs.OnnxModelException or Onnx.Tensors.TensorFormatException or IOException;

    public BankOutcome Outcome(StoredVersion version, UpdateResult result, string reason) =>
        new() { Bank = version.ToMessage(), Result = result, Reason = reason, At = _clock.GetUtcNow() };

    public void Audit(string by, UpdateResult result, StoredVersion version, string reason) => _audit.Add(new
    {
        at = _clock.GetUtcNow(),
        by,
        what = "bank",
        camera = Camera,
        result = MetricLabel.Of(result),
        id = version.Id,
        version = version.Version,
        sha256 = version.Sha256,
        key = version.Key,
        reason,
        product = Product,
    });

    public void Dispose() => Detector.Dispose();

    /// <summary>Changes the stored state, or in memory alone where the disk refuses it: a full disk keeps no station from judging, and the next change writes both.</summary>
    /// <param name="first">Written before it; null for nothing.</param>
    private void ChangeWherePossible(Func<StoredBanks, StoredBanks> change, Action? first = null)
    {
        try
        {
            first?.Invoke();
            Store.Change(change);
        }
        catch (IOException e)
        {
            LogUnwritten(_log, e.Message);
            Store.ChangeInMemory(change);
        }
    }

    private static Dictionary<string, int> WithTrusted(IReadOnlyDictionary<string, int> highest, StoredVersion version) =>
        new(highest) { [version.Id] = Math.Max(version.Version, highest.GetValueOrDefault(version.Id)) };

    /// <summary>Opens the version that judged last; where it cannot be opened, or has ended the station several times, the one before it.</summary>
    private IInspector OpenCurrent()
    {
        // Only the first opening is a start of the station; later ones load again what was unloaded.
        var isStart = !_wasOpened;
        _wasOpened = true;
        if (Store.Banks.Current is not { } current)
        {
            var first = _open(_options);
            ChangeWherePossible(banks => banks with { Current = StoredVersion.Of(first.Info, null) });
            return first;
        }

        var why = "";
        if (Store.Banks.Watched is not { Starts: >= WatchedVerdicts.MaxStarts } || Store.Banks.Previous is null)
        {
            try
            {
                if (isStart && Store.Banks.Watched is not null)
                    ChangeWherePossible(banks => banks with { Watched = banks.Watched! with { Starts = banks.Watched.Starts + 1 } });
                return Open(current);
            }
            catch (Exception e) when (IsUnusable(e) && Store.Banks.Previous is not null)
            {
                why = e.Message;
            }
        }

        var reason = why.Length > 0 ? $"it cannot be opened: {why}" : $"the station ended {WatchedVerdicts.MaxStarts} times before it gave a verdict by it";
        var previous = Store.Banks.Previous!;
        var inspector = Open(previous);
        ChangeWherePossible(
            banks => banks with { Current = previous, Previous = null, Watched = null, Last = Outcome(current, UpdateResult.RolledBack, reason) },
            () => Audit("station", UpdateResult.RolledBack, current, reason));
        LogSwapped(_log, previous.ToString(), current.ToString(), reason);
        return inspector;
    }

    [LoggerMessage(701, LogLevel.Warning, "{Next} judges, after {Before}: {Why}")]
    private static partial void LogSwapped(ILogger log, string next, string before, string why);

    [LoggerMessage(702, LogLevel.Warning, "{Bank} refused: {Why}")]
    private static partial void LogRefused(ILogger log, string bank, string why);

    [LoggerMessage(703, LogLevel.Error, "What judges, or was refused, could not be written to disk: {Why}")]
    private static partial void LogUnwritten(ILogger log, string why);
}
