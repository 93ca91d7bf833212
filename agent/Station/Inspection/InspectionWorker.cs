using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using MrfAd.Contracts;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Rejection;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Judges one shot after the other, of all cameras, and hands on a report for each.</summary>
public sealed partial class InspectionWorker(
    Detectors detectors,
    IReadOnlyList<Camera> cameras,
    PendingShots shots,
    ChannelWriter<InspectionReport> reports,
    Thresholds thresholds,
    RejectOutputs rejectOutputs,
    DriftGuard drift,
    ShownParts shown,
    StationHealth health,
    Heartbeat heartbeat,
    MrfAdMeter meter,
    TimeProvider clock,
    ILogger<InspectionWorker> log) : Worker(health)
{
    private const int SpotsExplained = 3;
    private const string Loading = "loading";

    private readonly StationHealth _health = health;
    private readonly Dictionary<Camera, string> _told = [];

    protected override async Task RunAsync(CancellationToken stopping)
    {
        // Triggers that come while the detector loads get their verdict at once: the loop below already runs.
        var opening = Task.Run(Prepare, CancellationToken.None);
        try
        {
            await foreach (var shot in shots.ReadAllAsync())
            {
                using var work = heartbeat.Begin();
                _health.Running();
                if (shot.Frame is not null)
                    await opening;
                var report = stopping.IsCancellationRequested
                    ? Report(shot, shot.Failure ?? new NoFrame(NoFrameCause.Stopping, "the station is stopping"))
                    : Inspect(shot);
                rejectOutputs.Enqueue(report);
                Measure(report);
                await reports.WriteAsync(report, CancellationToken.None);
            }
        }
        finally
        {
            reports.Complete();
            await opening.ContinueWith(_ => detectors.Dispose(), TaskScheduler.Default);
        }
    }

    private void Prepare()
    {
        try
        {
            foreach (var detector in detectors.All)
            {
                var start = clock.GetTimestamp();
                detector.Changed += () => Tell(detector);
                detector.Open(Say);
                var info = detector.Info!;
                LogReady(info.BankId, info.BankVersion, info.EncoderId, clock.GetElapsedTime(start).TotalSeconds);
            }

            _health.Set(Loading, null);
            _health.Prepared();
            shots.Open();
        }
        catch (Exception e)
        {
            shots.Complete(e);
            throw;
        }
    }

    /// <summary>What judges now, at the start and after each swap: its thresholds, and where its graphs run.</summary>
    private void Tell(Detector detector)
    {
        if (detector.Info is not { } info)
            return;
        var judged = cameras.Select(c => c.Options).Where(c => detectors.Of(c.Name) == detector).ToList();
        foreach (var camera in judged)
            meter.SetThreshold(camera.Name, thresholds.Find(camera.Name, info.BankSha256) ?? camera.Threshold ?? info.Threshold);
        ReportPlacement(info, judged[0].Name);
    }

    private void Say(string text)
    {
        LogLoading(text);
        _health.Set(Loading, text);
    }

    /// <summary>Says where the graphs really run.</summary>
    /// <param name="detector">The first of its cameras.</param>
    private void ReportPlacement(InspectorInfo info, string detector)
    {
        meter.SetPlacement(detector, info.Graphs);
        foreach (var graph in info.Graphs)
            LogPlacement(graph.Graph, graph.Running.ToText(), graph.NodesElsewhere, string.Join("; ", graph.Refusals));

        var fallen = info.Graphs.FirstOrDefault(g => g.FellBack);
        _health.Set($"encoder of {detector}", fallen is null ? null : $"{fallen.Wanted.ToText()} was asked for, {fallen.Running.ToText()} runs {info.Graphs.Count(g => g.FellBack)} of {info.Graphs.Count} graphs: {string.Join("; ", fallen.Refusals)}");
    }

    private InspectionReport Inspect(Shot shot)
    {
        if (shot.Failure is { } failure)
            return Report(shot, failure);
        var queue = clock.GetElapsedTime(shot.QueuedAt);
        try
        {
            return detectors.Of(shot.Camera.Options.Name).Judge(inspector => Judge(shot, inspector, queue));
        }
        catch (ImageMismatchException e)
        {
            return Report(shot, new NoFrame(NoFrameCause.Mismatch, e.Message)) with { Queue = queue };
        }
    }

    private InspectionReport Judge(Shot shot, IInspector inspector, TimeSpan queue)
    {
        var info = inspector.Info;
        var (image, options) = (shot.Frame!.Image, shot.Camera.Options);
        if (options.CheckImage && Check(image, info, options.Name) is { } fault)
            return Report(shot, NoFrame.Of(fault)) with { Queue = queue };
        var inspection = inspector.Inspect(image, thresholds.Find(options.Name, info.BankSha256) ?? options.Threshold);
        drift.Score(options.Name, info, inspection.PValue);
        var verdict = inspection.IsDefective ? Verdict.Ng : Verdict.Ok;
        var explanation = inspection.IsDefective ? Explain(inspector, inspection) : [];
        var judgement = new Judgement(info, inspection.Score, inspection.Threshold, inspection.PValue, inspection.Regions, inspection.Times, explanation) { Degraded = inspection.Degraded };
        _told.Remove(shot.Camera);
        var isShown = shown.Take(options.Name, verdict);
        // Drawn here, before the map is written over; encoded later, off this loop.
        var heatmap = isShown || options.Heatmap.IsWanted(verdict) ? Heatmap.Render(inspection.Map, info.HeatmapScale) : null;
        return new InspectionReport(shot, verdict, inspection.Degraded, judgement, queue, clock.GetElapsedTime(shot.Trigger.Timestamp), heatmap) { IsShown = isShown };
    }

    /// <summary>A bank whose rows do not say where they are from judges all the same.</summary>
    private IReadOnlyList<HotSpot> Explain(IInspector inspector, Engine.Verdicts.Inspection inspection)
    {
        try
        {
            return inspector.Explain(inspection, SpotsExplained);
        }
        catch (BankFormatException e)
        {
            LogUnexplained(e.Message);
            return [];
        }
    }

    private ImageFault? Check(Image image, InspectorInfo info, string camera)
    {
        var start = clock.GetTimestamp();
        var reading = info.GoodImages?.Read(image) ?? default;
        meter.Stage(camera, "check", clock.GetElapsedTime(start));
        if (reading.Drift is { } away)
            drift.Look(camera, info, away);
        return reading.Fault;
    }

    private InspectionReport Report(Shot shot, NoFrame failure)
    {
        var verdict = failure.Cause == NoFrameCause.Deadline ? Verdict.Timeout : Verdict.Invalid;
        meter.FrameDropped(shot.Camera.Options.Name, MetricLabel.Of(failure.Cause));
        if (_told.GetValueOrDefault(shot.Camera) != failure.Text)
            LogNoVerdict(shot.Camera.Options.Name, shot.Trigger.Seq, failure.Text);
        _told[shot.Camera] = failure.Text;
        return new InspectionReport(shot, verdict, failure.Text, null, TimeSpan.Zero, clock.GetElapsedTime(shot.Trigger.Timestamp), null)
        {
            Fault = failure.Fault,
            IsShown = shown.Take(shot.Camera.Options.Name, verdict),
        };
    }

    private void Measure(InspectionReport report)
    {
        var camera = report.Shot.Camera.Options.Name;
        meter.Inspected(camera, report.Verdict.ToText(), report.Total, report.Shot.Trigger.VerdictId);
        if (report.Shot.Frame is { } frame)
            meter.Stage(camera, "decode", frame.Decode);
        if (report.Judgement is not { } judgement)
            return;
        meter.Stage(camera, "queue", report.Queue);
        if (judgement.Times.Mask > TimeSpan.Zero)
            meter.Stage(camera, "mask", judgement.Times.Mask);
        if (judgement.Degraded is not null)
            meter.MaskDoubted(camera);
        meter.Stage(camera, "features", judgement.Times.Features);
        meter.Stage(camera, "search", judgement.Times.Search);
        meter.Stage(camera, "fuse", judgement.Times.Fuse);
        meter.Scored(camera, judgement.Score);
    }

    [LoggerMessage(201, LogLevel.Information, "Ready: bank {Bank} version {Version}, encoder {Encoder}, loaded in {Seconds:0.0} s")]
    private partial void LogReady(string bank, int version, string encoder, double seconds);

    [LoggerMessage(203, LogLevel.Information, "Graph {Graph} runs on {Provider}, {Elsewhere} of its nodes elsewhere. {Refusals}")]
    private partial void LogPlacement(string graph, string provider, int elsewhere, string refusals);

    [LoggerMessage(204, LogLevel.Information, "{What}")]
    private partial void LogLoading(string what);

    [LoggerMessage(202, LogLevel.Warning, "{Camera} #{Seq} was not judged: {Why}")]
    private partial void LogNoVerdict(string camera, long seq, string why);

    [LoggerMessage(205, LogLevel.Warning, "An NG part cannot be explained: {Why}")]
    private partial void LogUnexplained(string why);
}
