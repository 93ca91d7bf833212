using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Codes;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Judges shots one at a time: checks the image, compares it with the detector's bank, and explains NG verdicts.</summary>
/// <param name="log">The logger of the inspection worker, under whose name the messages appear.</param>
public sealed partial class ShotInspector(
    Detectors detectors, Thresholds thresholds, DriftGuard drift, PreviewSampler shown, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<InspectionWorker> log)
{
    private const int MaxExplainedSpots = 3;

    private readonly Dictionary<Camera, string> _lastFailures = [];
    private readonly Dictionary<string, string?> _misfits = [];
    private readonly Dictionary<Camera, FaultStreak> _errors = [];

    /// <summary>The regions that were drawn at the station; null means that the banks' own hold.</summary>
    public StationRegions? Regions { get; set; }

    /// <summary>Judges a shot; its heatmap is drawn after the verdict is given, which does not wait for it.</summary>
    /// <param name="give">Called once, on this thread, with the report, whose verdict is INVALID or TIMEOUT where no frame can be judged. It must not use the detector.</param>
    public void Inspect(Shot shot, Action<InspectionReport> give)
    {
        shot.Trigger.Trace?.Add(SpanNames.Queue, shot.QueuedAt);
        var span = shot.Trigger.Trace?.Start(SpanNames.Inspect);
        var isGiven = false;
        var queue = shot.Failure is null ? clock.GetElapsedTime(shot.QueuedAt) : TimeSpan.Zero;
        try
        {
            Inspected(shot, queue, Give);
        }
        catch (Exception e) when (!isGiven)
        {
            Give(Refuse(shot, e) with { Queue = queue });
        }

        void Give(InspectionReport report)
        {
            isGiven = true;
            // By now the code has been read, beside the inspection.
            var whole = shot.Code is null ? report : report with { Code = CodeOf(shot) };
            span?.Dispose();
            give(whole);
        }
    }

    private void Inspected(Shot shot, TimeSpan queue, Action<InspectionReport> give)
    {
        if (shot.Failure is { } failure)
        {
            give(Refuse(shot, failure));
            return;
        }

        var detector = detectors.Of(shot.Camera.Options.Name, shot.Trigger.Product);
        if (detector is { IsLoaded: false, Failure: { } why })
        {
            give(Refuse(shot, new NoFrame(NoFrameCause.NoModel, $"the model of '{shot.Trigger.Product}' cannot be opened: {why}")) with { Queue = queue });
            return;
        }

        if (detector.Collected is { } collected)
        {
            give(Collect(shot, collected, queue));
            return;
        }

        var report = detector.Judge(inspector =>
        {
            var judged = Judge(shot, inspector, queue);
            ErrorsOf(shot.Camera).Succeeded();
            give(judged);
            judged.Drawing?.RunSynchronously(); // before the next image overwrites the map; encoded later, on another thread
            return judged;
        });
        if (report.Drawing?.Exception?.InnerException is { } error)
            LogUndrawn(shot.Camera.Options.Name, shot.Trigger.Seq, error);
    }

    /// <returns>The report of a shot whose inspection failed.</returns>
    private InspectionReport Refuse(Shot shot, Exception error) => error switch
    {
        ImageNotAlignedException e => Refuse(shot, NoFrame.Of(e.Fault)),
        ImageMismatchException => Refuse(shot, new NoFrame(NoFrameCause.Mismatch, error.Message)),
        // A fault of the detector or of this program costs the frame; where it comes again and again, the state says so.
        _ => Fail(shot, error),
    };

    /// <summary>Waits for the reading of the code, which ends within its limit; a decoder that does not come back is left alone.</summary>
    private static CodeReading CodeOf(Shot shot)
    {
        var limit = 2 * shot.Camera.Options.Code!.TimeLimit;
        return shot.Code!.Wait(limit) ? shot.Code.Result : CodeReading.Unread(FormattableString.Invariant($"reading did not end within {limit.TotalSeconds:0.###} s"));
    }

    private InspectionReport Fail(Shot shot, Exception error)
    {
        var (camera, text) = (shot.Camera.Options.Name, $"it could not be inspected: {ErrorText.Of(error)}");
        if (_lastFailures.GetValueOrDefault(shot.Camera) != text)
            LogError(camera, shot.Trigger.Seq, error);
        ErrorsOf(shot.Camera).Failed($"{camera}: {text}");
        return Refuse(shot, new NoFrame(NoFrameCause.Error, text));
    }

    private FaultStreak ErrorsOf(Camera camera)
    {
        if (!_errors.TryGetValue(camera, out var streak))
            _errors[camera] = streak = new FaultStreak(health, $"inspection of {camera.Options.Name}");
        return streak;
    }

    /// <returns>The report of a shot that is kept to learn from; one that is dark, blown out, blurred or of another size says so.</returns>
    private InspectionReport Collect(Shot shot, PictureCheck collected, TimeSpan queue)
    {
        var (image, camera) = (shot.Frame!.Image, shot.Camera.Options.Name);
        var fault = collected.Add(image, ImageStatistics.Of(image));
        ErrorsOf(shot.Camera).Succeeded();
        _lastFailures.Remove(shot.Camera);
        return new InspectionReport(shot, Verdict.Collecting, fault?.Text ?? "there is no model yet: the image is kept to learn from", null, queue, clock.GetElapsedTime(shot.Trigger.Timestamp), null)
        {
            Fault = fault?.Measured,
            CollectedFault = fault,
            IsShown = shown.Take(camera, Verdict.Collecting),
        };
    }

    private InspectionReport Judge(Shot shot, IInspector inspector, TimeSpan queue)
    {
        var info = inspector.Info;
        var (image, product, options) = (shot.Frame!.Image, shot.Trigger.Product, shot.Camera.OptionsOf(shot.Trigger.Product));
        var reading = options.CheckImage ? Check(image, info, options.Name, product) : default;
        if (reading.Fault is { } fault)
        {
            var other = fault.Kind == ImageFaultKind.PartAbsent ? LooksLike(shot, info) : null;
            var failure = NoFrame.Of(other is null ? fault : fault with { Kind = ImageFaultKind.ProductMismatch });
            return Refuse(shot, other is null ? failure : failure with { Text = $"{failure.Text}; it looks like '{other}'" }) with { Queue = queue, LooksLike = other };
        }

        if (options.Code is { Required: true } && shot.Code is not null && CodeOf(shot) is { Text: null } unread)
            return Refuse(shot, NoFrame.Of(unread)) with { Queue = queue };
        var inspection = inspector.Inspect(image, thresholds.InForce(options, product, info), RegionsOf(options.Name, product, info));
        // Where parts are aligned, that tells where they lie.
        if (inspection.Alignment is { } place && reading.Drift is { } seen && info.ReferenceStatistics!.Located(seen, place) is { X: { } right, Y: { } down })
            drift.AddPosition(options.Name, info, right, down, product);
        drift.AddScore(options.Name, info, inspection.PValue, product);
        var verdict = inspection.IsDefective ? Verdict.Ng : Verdict.Ok;
        var explanation = inspection.IsDefective ? Explain(inspector, inspection) : [];
        var judgement = new Judgement(info, inspection.Score, inspection.Threshold, inspection.PValue, inspection.Regions, inspection.Times, explanation)
        {
            Degraded = inspection.Degraded,
            IsMaskDoubted = inspection.IsMaskDoubted,
            Alignment = inspection.Alignment,
            IsBounded = inspection.IsBounded,
            RegionsSha256 = inspection.RegionsSha256,
        };
        _lastFailures.Remove(shot.Camera);
        var isShown = shown.Take(options.Name, verdict);
        var drawing = isShown || options.Heatmap.IsWanted(verdict) ? new Task<Image>(() => Draw(inspector, inspection.Map), TaskCreationOptions.RunContinuationsAsynchronously) : null;
        return new InspectionReport(shot, verdict, inspection.Degraded, judgement, queue, clock.GetElapsedTime(shot.Trigger.Timestamp), drawing) { IsShown = isShown, LooksLike = inspection.IsDefective && options.CheckImage ? LooksLike(shot, info) : null };
    }

    /// <returns>The regions that were drawn at the station; null where the bank's own hold. Those that do not fit the bank make the station Degraded.</returns>
    private PartRegions? RegionsOf(string camera, string? product, InspectorInfo info)
    {
        var setting = Regions?.Find(camera, product);
        var misfit = setting is null ? null : StationRegions.Misfit(setting, info);
        if (_misfits.GetValueOrDefault(camera) != misfit)
            health.Set($"regions of {camera}", misfit is null ? null : $"the regions of {camera} are not used: {misfit}; draw them again, or return to the bank's own");
        _misfits[camera] = misfit;
        return misfit is null ? setting?.Regions : null;
    }

    /// <returns>The product whose good parts the part resembles more than those of its own, and as much as they resemble each other; null where there is none.</returns>
    private string? LooksLike(Shot shot, InspectorInfo info)
    {
        if (shot.Trigger.Product is not { } own || info.ReferenceStatistics is not { } reference)
            return null;
        var (image, camera) = (shot.Frame!.Image, shot.Camera.Options.Name);
        var measured = ImageStatistics.Of(image);
        var likeness = reference.LikenessOf(image, measured);
        return detectors.Others(camera, own)
            .Select(other => (other.Product, Reference: other.Detector.Info?.ReferenceStatistics, Likeness: other.Detector.Info?.ReferenceStatistics?.LikenessOf(image, measured)))
            .Where(other => other.Reference is { } learned && other.Likeness >= learned.MinCorrelation && other.Likeness > likeness)
            .OrderByDescending(other => other.Likeness)
            .Select(other => other.Product)
            .FirstOrDefault();
    }

    private static Image Draw(IInspector inspector, AnomalyMap map)
    {
        inspector.MakeExact(inspector.Info.HeatmapScale.Low); // what lies below has the colour of the scale's start either way
        return Heatmap.Render(map, inspector.Info.HeatmapScale);
    }

    /// <summary>Explains an NG verdict; a bank whose rows have no origin still judges, and gives no explanation.</summary>
    private IReadOnlyList<HotSpot> Explain(IInspector inspector, Engine.Verdicts.Inspection inspection)
    {
        try
        {
            return inspector.Explain(inspection, MaxExplainedSpots);
        }
        catch (BankFormatException e)
        {
            LogUnexplained(e.Message);
            return [];
        }
    }

    private ImageReading Check(Image image, InspectorInfo info, string camera, string? product)
    {
        var start = clock.GetTimestamp();
        var reading = info.ReferenceStatistics?.Read(image) ?? default;
        meter.Stage(camera, "check", clock.GetElapsedTime(start));
        if (reading.Drift is { } away)
            drift.AddImage(camera, info, away, product);
        return reading;
    }

    /// <returns>The report of a shot that was not judged, with the reason.</returns>
    public InspectionReport Refuse(Shot shot, NoFrame failure)
    {
        var verdict = failure.Cause == NoFrameCause.Deadline ? Verdict.Timeout : Verdict.Invalid;
        meter.FrameDropped(shot.Camera.Options.Name, MetricLabel.Of(failure.Cause));
        if (_lastFailures.GetValueOrDefault(shot.Camera) != failure.Text)
            LogNoVerdict(shot.Camera.Options.Name, shot.Trigger.Seq, failure.Text);
        _lastFailures[shot.Camera] = failure.Text;
        return new InspectionReport(shot, verdict, failure.Text, null, TimeSpan.Zero, clock.GetElapsedTime(shot.Trigger.Timestamp), null)
        {
            Fault = failure.Fault,
            IsShown = shown.Take(shot.Camera.Options.Name, verdict),
        };
    }

    [LoggerMessage(202, LogLevel.Warning, "{Camera} #{Seq} was not judged: {Why}")]
    private partial void LogNoVerdict(string camera, long seq, string why);

    [LoggerMessage(206, LogLevel.Error, "{Camera} #{Seq}: an error that no image should cause")]
    private partial void LogError(string camera, long seq, Exception e);

    [LoggerMessage(209, LogLevel.Error, "{Camera} #{Seq}: the heatmap cannot be drawn")]
    private partial void LogUndrawn(string camera, long seq, Exception e);

    [LoggerMessage(205, LogLevel.Warning, "An NG part cannot be explained: {Why}")]
    private partial void LogUnexplained(string why);
}
