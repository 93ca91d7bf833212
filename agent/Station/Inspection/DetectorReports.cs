using Microsoft.Extensions.Logging;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Capture;
using MrfAd.Station.Runtime;

namespace MrfAd.Station.Inspection;

/// <summary>Reports which inspector judges, at the start and after each swap: its thresholds, its images, and where its graphs run.</summary>
/// <param name="log">The logger of the inspection worker, under whose name the messages appear.</param>
public sealed partial class DetectorReports(
    Detectors detectors, IReadOnlyList<Camera> cameras, Thresholds thresholds, FrameLimits limits, StationHealth health, MrfAdMeter meter, ILogger<InspectionWorker> log)
{
    /// <summary>Reports the inspector of a detector.</summary>
    public void Report(Detector detector)
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

    [LoggerMessage(203, LogLevel.Information, "Graph {Graph} runs on {Provider}, {Elsewhere} of its nodes elsewhere. {Refusals}")]
    private partial void LogPlacement(string graph, string provider, int elsewhere, string refusals);
}
