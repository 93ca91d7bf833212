using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MrfAd.Contracts;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Options;

namespace MrfAd.Station.Runtime;

/// <summary>
/// All metrics of the agent. Names, units and labels are part of the published interface; labels are bounded (cameras, stages,
/// verdicts, reasons from a fixed list) and never an id.
/// </summary>
public sealed class MrfAdMeter : IDisposable
{
    /// <summary>The name of the tag that is no label but the measurement's exemplar: the id of the verdict that was measured.</summary>
    public const string VerdictId = "verdict_id";

    // 1 ms to 30 s: a frame on a GPU takes tens of milliseconds, on two CPU cores seconds.
    private static readonly double[] Seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    // L2 distances of features: their size depends on the encoder (0.1 for normalised ones, tens for raw ones).
    private static readonly double[] Scores = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 200, 500];

    private static readonly string[] Verdicts = ["OK", "NG", "INVALID", "TIMEOUT", "COLLECTING"];

    private static readonly StationState[] States = Enum.GetValues<StationState>();

    private readonly Meter _meter = new("mrfad");
    private readonly Counter<long> _inspections;
    private readonly Histogram<double> _inspection;
    private readonly Histogram<double> _stage;
    private readonly Histogram<double> _score;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _cameraMismatches;
    private readonly Counter<long> _parts;
    private readonly Histogram<double> _output;
    private readonly Counter<long> _masksDoubted;
    private readonly Counter<long> _publishFailures;
    private readonly Counter<long> _outboxDropped;
    private readonly Histogram<double> _outboxSync;
    private readonly Counter<long> _commands;
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _codes;
    private readonly Counter<long> _wrongTokens;
    private readonly Counter<long> _unloaded;
    private readonly Counter<long> _spans;
    private readonly Histogram<double> _load;
    private readonly ConcurrentDictionary<string, (Func<int> Waiting, Func<long> Bytes)> _outbox = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<int>> _queues = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Camera, string? Product), double> _thresholds = [];
    private readonly ConcurrentDictionary<string, IReadOnlyList<GraphPlacement>> _graphs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Camera, string? Product, DriftKind Kind), (double Value, double Limit)> _drift = [];
    private readonly ConcurrentDictionary<(string Camera, string Chart), bool> _chartSignals = [];
    private readonly ConcurrentDictionary<string, (bool Loaded, bool Active)> _products = new(StringComparer.Ordinal);
    private IReadOnlyList<KeyValuePair<string, object>> _resource = [];
    private MemoryBudget? _memory;
    private Func<bool> _mqttConnected = () => false;
    private Func<StationState> _state = () => StationState.Preparing;

    public MrfAdMeter(string version)
    {
        _inspections = Counter("mrfad_inspections_total", "Verdicts given.");
        _inspection = Histogram("mrfad_inspection_duration_seconds", "s", "From the trigger to the finished verdict.", Seconds);
        _stage = Histogram("mrfad_stage_duration_seconds", "s", "Time in one stage of an inspection.", Seconds);
        _score = Histogram("mrfad_anomaly_score", null, "Anomaly scores of judged images.", Scores);
        _dropped = Counter("mrfad_frames_dropped_total", "Frames that were not judged.");
        _skipped = Counter("mrfad_frames_skipped_total", "Frames of free-running cameras that a newer one overtook.");
        _cameraMismatches = Counter("mrfad_camera_mismatches_total", "Where triggers, frames and the camera's own counter disagree.");
        _parts = Counter("mrfad_parts_total", "Verdicts of parts of several views.");
        _output = Histogram("mrfad_output_latency_seconds", "s", "From the trigger to the output.", Seconds);
        _masksDoubted = Counter("mrfad_masks_doubted_total", "Images judged with their background, as their mask looked unlike good parts'.");
        _publishFailures = Counter("mrfad_mqtt_publish_failures_total", "Messages that did not reach the broker.");
        _outboxDropped = Counter("mrfad_outbox_dropped_total", "Verdicts and pictures that will never reach the broker.");
        _outboxSync = Histogram("mrfad_outbox_sync_duration_seconds", "s", "One sync of the outbox to the disk.", Seconds);
        _commands = Counter("mrfad_commands_total", "Commands that came over MQTT.");
        _repeated = Counter("mrfad_triggers_repeated_total", "Triggers that came again under an id that the camera knows.");
        _codes = Counter("mrfad_codes_total", "Codes that cameras looked for in their frames.");
        _wrongTokens = Counter("mrfad_wrong_tokens_total", "Requests over HTTP that showed a wrong token, or were refused after too many.");
        _unloaded = Counter("mrfad_models_unloaded_total", "Models of products that were unloaded for others.");
        _spans = Counter("mrfad_trace_spans_total", "Spans of traces that the collector has taken, or that are lost.");
        _load = Histogram("mrfad_model_load_duration_seconds", "s", "Loading of one model, until it can judge.", Seconds);
        ObserveOutbox();
        ObserveCameras();
        ObserveProducts();
        ObserveGraphs();
        ObserveStation(version);
    }

    /// <summary>The meter with all instruments, for an exporter.</summary>
    public Meter Meter => _meter;

    /// <summary>Creates the camera's series at zero, so that they exist before anything happens.</summary>
    public void AddCamera(string camera, Func<int> queueLength)
    {
        _queues[camera] = queueLength;
        _masksDoubted.Add(0, Camera(camera));
        foreach (var chart in (string[])["ng_share", "median_score"])
            SetChartSignal(camera, chart, false);
        Array.ForEach(Verdicts, verdict => _inspections.Add(0, Camera(camera), Label("verdict", verdict)));
    }

    /// <param name="verdict">The verdict as in the verdict message: "OK", "NG", "INVALID", "TIMEOUT" or "COLLECTING".</param>
    /// <param name="id">The verdict's id, stored as the exemplar of the duration.</param>
    public void Inspected(string camera, string verdict, TimeSpan duration, Guid id)
    {
        _inspections.Add(1, Camera(camera), Label("verdict", verdict));
        _inspection.Record(duration.TotalSeconds, Camera(camera), new(VerdictId, id));
    }

    /// <summary>Creates the series of the parts at zero.</summary>
    public void AddParts() => Array.ForEach(Verdicts, verdict => PartJudged(verdict, 0));

    /// <param name="verdict">The verdict as in the message of the part, as for <see cref="Inspected"/>.</param>
    public void PartJudged(string verdict, int count = 1) => _parts.Add(count, Label("verdict", verdict));

    public void MaskDoubted(string camera) => _masksDoubted.Add(1, Camera(camera));

    /// <param name="stage">The stage as in timings_ms: "queue", "decode", "align", "code", "mask", "features", "search" or "fuse".</param>
    public void Stage(string camera, string stage, TimeSpan duration) => _stage.Record(duration.TotalSeconds, Camera(camera), Label("stage", stage));

    public void Scored(string camera, float score) => _score.Record(score, Camera(camera));

    /// <param name="product">The product; null where the station has none, and then there is no such label.</param>
    public void SetThreshold(string camera, string? product, float threshold) => _thresholds[(camera, product)] = threshold;

    /// <inheritdoc cref="SetThreshold"/>
    /// <param name="drift">The drift in standard deviations of the good images; NaN while it is unknown.</param>
    public void SetDrift(string camera, string? product, DriftKind kind, double drift, double limit) => _drift[(camera, product, kind)] = (drift, limit);

    /// <param name="chart">"ng_share" or "median_score".</param>
    public void SetChartSignal(string camera, string chart, bool signals) => _chartSignals[(camera, chart)] = signals;

    /// <param name="detector">The detector that uses the graphs. The list replaces its earlier one.</param>
    public void SetPlacement(string detector, IReadOnlyList<GraphPlacement> graphs) => _graphs[detector] = graphs;

    /// <param name="isActive">True where it is the active product of a camera.</param>
    public void SetProduct(string product, bool isLoaded, bool isActive) => _products[product] = (isLoaded, isActive);

    public void ModelLoaded(TimeSpan duration) => _load.Record(duration.TotalSeconds);

    public void ModelUnloaded() => _unloaded.Add(1);

    public void FrameDropped(string camera, string reason) => _dropped.Add(1, Camera(camera), Label("reason", reason));

    /// <summary>Sets the attributes of the station's resource, see <see cref="ServiceResource"/>.</summary>
    public void SetResource(IReadOnlyList<KeyValuePair<string, object>> attributes) => _resource = attributes;

    public void WatchState(Func<StationState> state) => _state = state;

    public void FramesSkipped(string camera, long count) => _skipped.Add(count, Camera(camera));

    /// <param name="kind">"lost", "ignored", "surplus" or "torn".</param>
    public void CameraMismatch(string camera, string kind, long count) => _cameraMismatches.Add(count, Camera(camera), Label("kind", kind));

    /// <param name="output">"gpio", "mqtt", or "late" for a pulse that was too late to be given.</param>
    public void Output(string camera, string output, TimeSpan latency) => _output.Record(latency.TotalSeconds, Camera(camera), Label("output", output));

    public void WatchMemory(MemoryBudget memory) => _memory = memory;

    public void WatchMqtt(Func<bool> isConnected) => _mqttConnected = isConnected;

    /// <param name="reason">"not_connected", "lost", "refused", "denied", "quota_exceeded" or "broker_error" (<see cref="Station.Mqtt.MqttFailure"/>), or "dropped" where too many messages waited.</param>
    public void PublishFailed(string reason) => _publishFailures.Add(1, Label("reason", reason));

    /// <param name="kind">"verdict", "part" or "picture".</param>
    public void WatchOutbox(string kind, Func<int> waiting, Func<long> bytes)
    {
        _outbox[kind] = (waiting, bytes);
        _outboxDropped.Add(0, Label("kind", kind), Label("reason", "bytes"));
    }

    /// <param name="reason">"bytes", "age", "disk_full", "slow_disk" or "refused".</param>
    public void OutboxDropped(string kind, string reason, long count) => _outboxDropped.Add(count, Label("kind", kind), Label("reason", reason));

    public void OutboxSynced(TimeSpan duration) => _outboxSync.Record(duration.TotalSeconds);

    /// <param name="command">The name of a registered command, or "unknown".</param>
    /// <param name="result">"accepted", or the code of the error.</param>
    public void Commanded(string command, string result) => _commands.Add(1, Label("command", command), Label("result", result));

    public void TriggerRepeated(string camera) => _repeated.Add(1, Camera(camera));

    /// <summary>Creates the series of a camera that reads codes at zero.</summary>
    public void AddCodes(string camera)
    {
        foreach (var result in (string[])["read", "unreadable", "mismatch"])
            _codes.Add(0, Camera(camera), Label("result", result));
    }

    /// <param name="result">"read", "unreadable", or "mismatch" where the trigger gave another serial number.</param>
    public void CodeRead(string camera, string result) => _codes.Add(1, Camera(camera), Label("result", result));

    /// <param name="endpoint">The endpoint that asks for the token: "sign-in" or "inspect".</param>
    public void WrongToken(string endpoint) => _wrongTokens.Add(1, Label("endpoint", endpoint));

    /// <param name="result">"sent", "failed" where the collector did not take them, or "dropped" where too many waited for it.</param>
    public void SpansEnded(string result, long count) => _spans.Add(count, Label("result", result));

    public void Dispose() => _meter.Dispose();

    // Detectors that share an encoder report the same graphs.
    private IEnumerable<GraphPlacement> Graphs => _graphs.Values.SelectMany(g => g);

    private void ObserveOutbox()
    {
        Gauge("mrfad_outbox_waiting", "Verdicts and pictures that the broker does not have yet.", () => _outbox.Select(o => Value(o.Value.Waiting(), Label("kind", o.Key))));
        Gauge("mrfad_outbox_size_bytes", "Size of the outbox on disk, sent verdicts included.", () => _outbox.Select(o => Value(o.Value.Bytes(), Label("kind", o.Key))));
    }

    private void ObserveCameras()
    {
        Gauge("mrfad_queue_length", "Frames that wait for inspection.", () => _queues.Select(q => Value(q.Value(), Camera(q.Key))));
        Gauge("mrfad_threshold", "The score from which on a part is NG.", () => _thresholds.Select(t => Value(t.Value, [Camera(t.Key.Camera), .. Product(t.Key.Product)])));
        Gauge(
            "mrfad_drift",
            "How far the camera's last frames lie from the good images, in their standard deviations; NaN until there are enough.",
            () => _drift.Select(d => Value(d.Value.Value, [Camera(d.Key.Camera), Kind(d.Key.Kind), .. Product(d.Key.Product)])));
        Gauge(
            "mrfad_drift_limit",
            "Limit of mrfad_drift, to either side; for the score upwards only.",
            () => _drift.Select(d => Value(d.Value.Limit, [Camera(d.Key.Camera), Kind(d.Key.Kind), .. Product(d.Key.Product)])));
        Gauge(
            "mrfad_chart_signal",
            "1 while a control chart of the camera signals that the line has changed.",
            () => _chartSignals.Select(c => Value(c.Value ? 1 : 0, Camera(c.Key.Camera), Label("chart", c.Key.Chart))));
    }

    private void ObserveProducts()
    {
        Gauge("mrfad_product_loaded", "1 while the model of the product is in memory.", () => _products.Select(p => Value(p.Value.Loaded ? 1 : 0, Label("product", p.Key))));
        Gauge("mrfad_product_active", "1 while the product is the active one of a camera.", () => _products.Select(p => Value(p.Value.Active ? 1 : 0, Label("product", p.Key))));
    }

    private void ObserveGraphs()
    {
        Gauge(
            "mrfad_graph_info",
            "Always 1; the labels say which provider was asked for and which really runs each graph: the encoder's, the mask model's, the search.",
            () => Graphs.DistinctBy(g => (g.Graph, g.Requested, g.Running))
                .Select(g => Value(1, Label("graph", g.Graph), Label("wanted", g.Requested.ToText()), Label("provider", g.Running.ToText()))));
        Gauge(
            "mrfad_graph_fallback_nodes",
            "Nodes that did not run on the provider asked for.",
            () => Graphs.OrderByDescending(g => g.NodesElsewhere).DistinctBy(g => g.Graph).Select(g => Value(g.NodesElsewhere, Label("graph", g.Graph))));
    }

    private void ObserveStation(string version)
    {
        Gauge("mrfad_mqtt_connected", "1 while the broker is connected.", () => [Value(_mqttConnected() ? 1 : 0)]);
        Gauge("mrfad_station_state", "1 for the state that the station is in.", () => States.Select(s => Value(s == _state() ? 1 : 0, Label("state", MetricLabel.Of(s)))));
        Gauge("mrfad_build_info", "Always 1; the labels say what runs.", () => [Value(1, Label("version", version))]);
        // The name and the labels that OpenTelemetry's specification of Prometheus gives a resource.
        Gauge(
            "target_info",
            "Always 1; the labels are the attributes of the station's resource.",
            () => _resource.Count == 0 ? [] : [Value(1, [.. _resource.Select(a => Label(a.Key.Replace('.', '_'), (string)a.Value))])]);
        Gauge(
            "mrfad_memory_bytes",
            "Memory of this process: resident, banks that are mapped included; managed, as the last garbage collection left it.",
            () => [Value(Environment.WorkingSet, Label("kind", "resident")), Value(GC.GetGCMemoryInfo().HeapSizeBytes, Label("kind", "managed"))]);
        Gauge("mrfad_memory_budget_bytes", "The memory budget of the station.", () => _memory is null ? [] : [Value(_memory.Bytes)]);
        Gauge(
            "mrfad_memory_used_bytes",
            "Memory of the budget that is in use.",
            () => _memory is null ? [] : Enum.GetValues<MemoryUse>().Select(use => Value(_memory.Used(use), Label("use", MetricLabel.Of(use)))));
        Gauge("mrfad_up", "Always 1 while the agent answers.", () => [Value(1)]);
    }

    private Counter<long> Counter(string name, string description) => _meter.CreateCounter<long>(name, null, description);

    private void Gauge(string name, string description, Func<IEnumerable<Measurement<long>>> observe) => _meter.CreateObservableGauge(name, observe, null, description);

    private void Gauge(string name, string description, Func<IEnumerable<Measurement<double>>> observe) => _meter.CreateObservableGauge(name, observe, null, description);

    private static Measurement<long> Value(long value, params ReadOnlySpan<KeyValuePair<string, object?>> labels) => new(value, labels);

    private static Measurement<double> Value(double value, params ReadOnlySpan<KeyValuePair<string, object?>> labels) => new(value, labels);

    private Histogram<double> Histogram(string name, string? unit, string description, double[] buckets) =>
        _meter.CreateHistogram(name, unit, description, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private static KeyValuePair<string, object?> Camera(string camera) => Label("camera", camera);

    private static KeyValuePair<string, object?>[] Product(string? product) => product is null ? [] : [Label("product", product)];

    private static KeyValuePair<string, object?> Kind(DriftKind kind) => Label("kind", MetricLabel.Of(kind));

    private static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);
}
