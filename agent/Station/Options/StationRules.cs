using MrfAd.Contracts;

namespace MrfAd.Station.Options;

/// <summary>Checks the rules of a station's options beyond their types: those of each section, and those between sections.</summary>
public static class StationRules
{
    /// <returns>One sentence for each fault, which begins with its key; empty where all is well.</returns>
    public static IEnumerable<string> Check(StationOptions options) =>
    [
        .. Names(options),
        .. MqttOptionsValidator.Validate(options.Mqtt, "mqtt"),
        .. HomeAssistantOptionsValidator.Validate(options.HomeAssistant, "home_assistant"),
        .. SparkplugOptionsValidator.Validate(options.Sparkplug, "sparkplug"),
        .. HttpOptionsValidator.Validate(options.Http, "http"),
        .. DashboardOptionsValidator.Validate(options.Dashboard, "dashboard"),
        .. TracesOptionsValidator.Validate(options.Traces, "traces"),
        .. SharedTopics(options.Cameras),
        .. OwnTopics(options),
        .. OutboxOptionsValidator.Validate(options.Outbox, "outbox"),
        .. ControlOptionsValidator.Validate(options.Control, "control"),
        .. EvidenceOptionsValidator.Validate(options.Evidence, "evidence"),
        .. CollectingOptionsValidator.Validate(options.Collect, "collect"),
        .. UpdateOptionsValidator.Validate(options.Updates, "updates", options.Products.Count == 0 ? options.Cameras.Select(c => c.Name).Prepend("") : ConfiguredDetector.Of(options).Select(d => d.Folder)),
        .. StatisticsOptionsValidator.Validate(options.Statistics, "statistics"),
        .. DriftOptionsValidator.Validate(options.Drift, "drift"),
        .. ImageOptionsValidator.Validate(options.Images, "images"),
        .. MemoryOptionsValidator.Validate(options.Memory, "memory"),
        .. ProductOptionsValidator.Validate(options),
        .. PartsOptionsValidator.Validate(options, "parts"),
        .. RejectOutputOptionsValidator.ValidateTogether(options),
        .. options.Products.Count == 0 ? Detectors(options) : [],
        .. options.Cameras.SelectMany((camera, i) => CameraOptionsValidator.Validate(camera, $"cameras[{i}]")),
    ];

    private static IEnumerable<string> Names(StationOptions options)
    {
        foreach (var (key, name) in ((string, string)[])[("site", options.Site), ("line", options.Line), ("station", options.Station)])
        {
            if (OptionChecks.FaultIn(() => StationTopics.Level(key, name)) is { } fault)
                yield return fault;
        }

        var topics = new StationTopics("site", "line", "station");
        foreach (var fault in options.Cameras.Select(camera => OptionChecks.FaultIn(() => topics.Verdict(camera.Name))).OfType<string>())
            yield return $"cameras: {fault}";
        if (options.Cameras.Count == 0)
            yield return "cameras: want at least one";
        foreach (var twice in options.Cameras.GroupBy(c => c.Name).Where(g => g.Count() > 1))
            yield return $"cameras: {twice.Count()} are named '{twice.Key}'; names tell them apart";
    }

    private static IEnumerable<string> SharedTopics(IReadOnlyList<CameraOptions> cameras)
    {
        var topics = cameras.Select(c => c.Source).Where(s => s.StartsWith("mqtt:", StringComparison.Ordinal)).ToList();
        foreach (var (i, topic) in topics.Index())
        {
            foreach (var other in topics.Skip(i + 1).Where(t => TopicFilter.Overlap(topic["mqtt:".Length..], t["mqtt:".Length..])))
                yield return $"cameras: the sources '{topic}' and '{other}' take the same messages: each goes to one camera";
        }
    }

    private static IEnumerable<string> OwnTopics(StationOptions options)
    {
        StationTopics? own = null;
        if (OptionChecks.FaultIn(() => own = new StationTopics(options.Site, options.Line, options.Station)) is not null)
            yield break; // a name that is no level of a topic is a fault of its own
        foreach (var (i, camera) in options.Cameras.Index().Where(c => c.Item.Source.StartsWith("mqtt:", StringComparison.Ordinal)))
        {
            if (TopicFilter.Overlap(camera.Source["mqtt:".Length..], $"{own!.Root}/#"))
                yield return $"cameras[{i}].source: '{camera.Source}' takes what this station itself publishes below {own.Root}/; want topics of others";
        }
    }

    private static IEnumerable<string> Detectors(StationOptions options)
    {
        // The station's own detector may have no camera: then it need not exist.
        var isUsed = options.Cameras.Count == 0 || options.Cameras.Any(c => c.Detector is null);
        return (isUsed ? DetectorOptionsValidator.Validate(options.Detector, "detector", options.Collect) : [])
            .Concat(options.Cameras.SelectMany((camera, i) => camera.Detector is { } own ? DetectorOptionsValidator.Validate(own, $"cameras[{i}].detector", options.Collect) : []));
    }
}
