using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>
/// Loads the station's detectors: at the start those of the active products, then the others as far as the memory goes, and later those that parts wait for. It reports them in log, state and
/// metrics, after the start and after each swap.
/// </summary>
/// <param name="log">The logger of the inspection worker, under whose name the messages appear.</param>
public sealed partial class DetectorLoader(
    Detectors detectors, ModelMemory memory, DetectorReports reports, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<InspectionWorker> log)
{
    private const string Loading = "loading";

    // A model that cannot be opened is not tried at each part: its parts would hold up the others.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(10);

    private readonly Channel<Detector> _wanted = Channel.CreateUnbounded<Detector>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<Detector, bool> _isWanted = new();
    private readonly ConcurrentDictionary<Detector, long> _failedAt = new();

    /// <summary>Loads the detectors with which the station begins, which takes from seconds to minutes, and reports each step. Without products an error ends the station; otherwise it is that of one product.</summary>
    public void Load()
    {
        foreach (var detector in detectors.All)
            detector.Changed += () => OnChanged(detector);
        memory.ActiveChanged += OnActiveChanged;
        foreach (var detector in detectors.All.Where(d => memory.IsActive(d) && !d.IsCollecting))
            Open(detector);
        health.Set(Loading, null);
        memory.Report();
        health.Prepared();
    }

    /// <summary>Loads the other detectors as far as there is room, and opens those for which there is none once, to find out whether they can be; then loads those that parts wait for.</summary>
    /// <param name="loaded">Called after each.</param>
    public async Task ServeAsync(Action loaded, CancellationToken stopping)
    {
        var others = Others();
        while (!stopping.IsCancellationRequested)
        {
            if (_wanted.Reader.TryRead(out var detector))
            {
                if (!detector.IsLoaded)
                    Open(detector);

                _isWanted.TryRemove(detector, out _);
                health.Warn(WaitOf(detector), null);
            }
            else if (others.TryDequeue(out var next))
            {
                if (next.Detector.Info is null)
                    OpenAhead(next.Detector, next.Stays);
            }
            else
            {
                memory.Report();
                await ((Task)_wanted.Reader.WaitToReadAsync(stopping).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            memory.Report();
            loaded();
        }
    }

    /// <summary>Returns true where a part can be judged now, or refused because its model cannot be opened; otherwise its model is wanted from now on.</summary>
    /// <param name="product">The product of the part; null where the station has none.</param>
    public bool IsReady(string camera, string? product)
    {
        var detector = detectors.Of(camera, product);
        memory.Use(detector);
        if (detector.IsLoaded || detector.IsCollecting || (detector.Failure is not null && _failedAt.TryGetValue(detector, out var at) && clock.GetElapsedTime(at) < RetryDelay))
            return true;
        Want(detector, $"parts of {product} wait while its model is loaded");
        return false;
    }

    /// <summary>Disposes of all detectors.</summary>
    public void Unload()
    {
        memory.ActiveChanged -= OnActiveChanged;
        detectors.Dispose();
    }

    private void OnActiveChanged()
    {
        foreach (var detector in detectors.All.Where(d => memory.IsActive(d) && d is { IsLoaded: false, IsCollecting: false }))
            Want(detector, $"the model of {memory.NameOf(detector)}, which is active now, is being loaded");
        memory.Report();
    }

    private void Want(Detector detector, string text)
    {
        if (!_isWanted.TryAdd(detector, true))
            return;
        health.Warn(WaitOf(detector), text);
        _wanted.Writer.TryWrite(detector);
    }

    /// <summary>Returns the detectors that are not loaded yet: first those for which there will be no room, as there still is for one of them now.</summary>
    private Queue<(Detector Detector, bool Stays)> Others()
    {
        var others = detectors.All.Where(d => d is { Info: null, Failure: null, IsCollecting: false }).ToList();
        var staying = memory.Fitting(others);
        return new([.. others.Except(staying).Select(d => (d, false)), .. staying.Select(d => (d, true))]);
    }

    private void OpenAhead(Detector detector, bool stays)
    {
        // One without room is opened, too: a model that cannot be opened is better known now than at the change to it.
        Open(detector);
        if (!stays)
            detector.Unload();
    }

    private void Open(Detector detector)
    {
        var (start, problem) = (clock.GetTimestamp(), $"model of {memory.NameOf(detector)}");
        try
        {
            detector.Open(Announce);
            health.Set(problem, null);
        }
        catch (Exception e) when (memory.HasProducts)
        {
            // It costs the parts of this product; the others are inspected.
            (detector.Failure, _failedAt[detector]) = (e.Message, clock.GetTimestamp());
            health.Set(problem, $"the {problem} cannot be opened: {e.Message}");
            LogUnusable(problem, e.Message);
            return;
        }
        finally
        {
            health.Set(Loading, null);
        }

        var (info, time) = (detector.Info!, clock.GetElapsedTime(start));
        LogReady(info.BankId, info.BankVersion, info.EncoderId, time.TotalSeconds);
        meter.ModelLoaded(time);
        if (!info.HasChecksum)
            LogWithoutChecksum(info.BankId, info.BankVersion);
    }

    private void OnChanged(Detector detector)
    {
        reports.Report(detector);
        memory.Report();
    }

    private void Announce(string text)
    {
        LogLoading(text);
        health.Set(Loading, text);
    }

    private string WaitOf(Detector detector) => $"waiting for {memory.NameOf(detector)}";

    [LoggerMessage(201, LogLevel.Information, "Ready: bank {Bank} version {Version}, encoder {Encoder}, loaded in {Seconds:0.0} s")]
    private partial void LogReady(string bank, int version, string encoder, double seconds);

    [LoggerMessage(208, LogLevel.Warning, "Bank {Bank} version {Version} is without checksum, as version 0.1 made it: damage to its file would go unseen; learned or changed again, it gets one")]
    private partial void LogWithoutChecksum(string bank, int version);

    [LoggerMessage(204, LogLevel.Information, "{What}")]
    private partial void LogLoading(string what);

    [LoggerMessage(214, LogLevel.Error, "The {Model} cannot be opened, and its parts are INVALID: {Why}")]
    private partial void LogUnusable(string model, string why);
}
