using Microsoft.Extensions.Logging;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Capture;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Opens the station's detectors and reports them in log, state and metrics, after the start and after each swap.</summary>
/// <param name="log">The logger of the inspection worker, under whose name the messages appear.</param>
public sealed partial class DetectorLoader(
    Detectors detectors, IReadOnlyList<Camera> cameras, Thresholds thresholds, FrameLimits limits, StationHealth health, MrfAdMeter meter, TimeProvider clock, ILogger<InspectionWorker> log)
{
    private const string Loading = "loading";

    /// <summary>Opens all detectors, which takes from seconds to minutes, and reports each step.</summary>
    public void Load()
    {
        foreach (var detector in detectors.All)
        {
            var start = clock.GetTimestamp();
            detector.Changed += () => Report(detector);
            detector.Open(Announce);
            var info = detector.Info!;
            LogReady(info.BankId, info.BankVersion, info.EncoderId, clock.GetElapsedTime(start).TotalSeconds);
            if (!info.HasChecksum)
                LogWithoutChecksum(info.BankId, info.BankVersion);
        }

        health.Set(Loading, null);
        health.Prepared();
    }

    /// <summary>Disposes of all detectors.</summary>
    public void Unload() => detectors.Dispose();

    /// <summary>Reports which detector judges, at the start and after each swap: its thresholds, and where its graphs run.</summary>
    private void Report(Detector detector)
    {
        if (detector.Info is not { } info)
            return;
        var judged = detectors.JudgedBy(detector).ToList();
        foreach (var (product, name) in judged)
        {
            limits.Learned(name, product, info.Limits);
            meter.SetThreshold(name, product, thresholds.InForce(cameras.First(c => c.Options.Name == name).OptionsOf(product), product, info));
        }

        ReportPlacement(info, judged[0].Product is { } first ? $"{first} at {judged[0].Camera}" : judged[0].Camera);
    }

    private void Announce(string text)
    {
        LogLoading(text);
        health.Set(Loading, text);
    }

    /// <summary>Reports the providers on which the graphs really run.</summary>
    /// <param name="detector">The label of the detector: the name of its first camera, and of the product where there are products.</param>
    private void ReportPlacement(InspectorInfo info, string detector)
    {
        meter.SetPlacement(detector, info.Graphs);
        foreach (var graph in info.Graphs)
            LogPlacement(graph.Graph, graph.Running.ToText(), graph.NodesElsewhere, string.Join("; ", graph.Refusals));

        var fallen = info.Graphs.FirstOrDefault(g => g.FellBack);
        health.Set($"encoder of {detector}", fallen is null ? null : $"{fallen.Requested.ToText()} was asked for, {fallen.Running.ToText()} runs {info.Graphs.Count(g => g.FellBack)} of {info.Graphs.Count} graphs: {string.Join("; ", fallen.Refusals)}");
    }

    [LoggerMessage(201, LogLevel.Information, "Ready: bank {Bank} version {Version}, encoder {Encoder}, loaded in {Seconds:0.0} s")]
    private partial void LogReady(string bank, int version, string encoder, double seconds);

    [LoggerMessage(208, LogLevel.Warning, "Bank {Bank} version {Version} is without checksum, as version 0.1 made it: damage to its file would go unseen; learned or changed again, it gets one")]
    private partial void LogWithoutChecksum(string bank, int version);

    [LoggerMessage(203, LogLevel.Information, "Graph {Graph} runs on {Provider}, {Elsewhere} of its nodes elsewhere. {Refusals}")]
    private partial void LogPlacement(string graph, string provider, int elsewhere, string refusals);

    [LoggerMessage(204, LogLevel.Information, "{What}")]
    private partial void LogLoading(string what);
}
