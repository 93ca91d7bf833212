using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MrfAd.Onnx.Sessions;
using MrfAd.Station.Http;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Health;

/// <summary>The content of <c>/metrics</c>, independent of the library that writes it.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private static readonly string[] Contract =
    [
        "counter mrfad_codes_total{camera,result}",
        "counter mrfad_frames_dropped_total{camera,reason}",
        "counter mrfad_inspections_total{camera,verdict}",
        "counter mrfad_masks_doubted_total{camera}",
        "counter mrfad_mqtt_publish_failures_total{reason}",
        "counter mrfad_parts_total{verdict}",
        "counter mrfad_wrong_tokens_total{endpoint}",
        "gauge mrfad_build_info{version}",
        "gauge mrfad_chart_signal{camera,chart}",
        "gauge mrfad_drift_limit{camera,kind}",
        "gauge mrfad_drift{camera,kind}",
        "gauge mrfad_graph_fallback_nodes{graph}",
        "gauge mrfad_graph_info{graph,wanted,provider}",
        "gauge mrfad_memory_budget_bytes",
        "gauge mrfad_memory_bytes{kind}",
        "gauge mrfad_memory_used_bytes{use}",
        "gauge mrfad_mqtt_connected",
        "gauge mrfad_product_active{product}",
        "gauge mrfad_product_loaded{product}",
        "gauge mrfad_queue_length{camera}",
        "gauge mrfad_station_state{state}",
        "gauge mrfad_threshold{camera}",
        "gauge mrfad_up",
        "histogram mrfad_anomaly_score_bucket{camera,le}",
        "histogram mrfad_anomaly_score_count{camera}",
        "histogram mrfad_anomaly_score_sum{camera}",
        "histogram mrfad_inspection_duration_seconds_bucket{camera,le}",
        "histogram mrfad_inspection_duration_seconds_count{camera}",
        "histogram mrfad_inspection_duration_seconds_sum{camera}",
        "histogram mrfad_model_load_duration_seconds_bucket{le}",
        "histogram mrfad_model_load_duration_seconds_count",
        "histogram mrfad_model_load_duration_seconds_sum",
        "histogram mrfad_stage_duration_seconds_bucket{camera,stage,le}",
        "histogram mrfad_stage_duration_seconds_count{camera,stage}",
        "histogram mrfad_stage_duration_seconds_sum{camera,stage}",
    ];

    private readonly MrfAdMeter _meter = new("1.2.3");
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(_meter);
        _app = builder.Build();
        _app.MapMrfAdMetrics();
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task Names_labels_and_types_are_those_of_the_contract()
    {
        MeasureEverything();

        Assert.Equal(Contract, Shape(await ScrapeAsync()));
    }

    [Fact]
    public async Task Promtool_has_nothing_to_say()
    {
        Requires.Program("/usr/bin/promtool", package: "prometheus");
        MeasureEverything();

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        await promtool.StandardInput.WriteAsync(await ScrapeAsync());
        promtool.StandardInput.Close();
        var said = await promtool.StandardOutput.ReadToEndAsync() + await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.Equal("", said);
        Assert.Equal(0, promtool.ExitCode);
    }

    [Fact]
    public async Task The_response_is_of_the_text_format()
    {
        using var response = await _http.GetAsync("/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task OpenMetrics_names_the_last_verdict_of_each_bucket()
    {
        var (first, last, slow) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        _meter.Inspected("cam", "OK", TimeSpan.FromSeconds(0.2), first);
        _meter.Inspected("cam", "OK", TimeSpan.FromSeconds(0.225), last);
        _meter.Inspected("cam", "OK", TimeSpan.FromSeconds(99), slow);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.Accept.ParseAdd("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal("application/openmetrics-text", response.Content.Headers.ContentType!.MediaType);
        Assert.EndsWith("# EOF\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE mrfad_inspections counter\n", text, StringComparison.Ordinal);
        // Some libraries write a whole number with ".0".
        var lines = text.Replace(".0 ", " ", StringComparison.Ordinal);
        Assert.Contains($$"""mrfad_inspection_duration_seconds_bucket{camera="cam",le="0.25"} 2 # {verdict_id="{{last}}"} 0.225 """, lines, StringComparison.Ordinal);
        Assert.Contains($$"""mrfad_inspection_duration_seconds_bucket{camera="cam",le="+Inf"} 3 # {verdict_id="{{slow}}"} 99 """, lines, StringComparison.Ordinal);
        Assert.DoesNotContain(first.ToString(), text, StringComparison.Ordinal);
        Assert.DoesNotContain(last.ToString(), await ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counters_count_from_zero_and_gauges_are_asked_at_each_scrape()
    {
        var waiting = 3;
        _meter.AddCamera("cam", () => waiting);
        Assert.Contains("""mrfad_inspections_total{camera="cam",verdict="NG"} 0""", await LinesAsync());

        _meter.Inspected("cam", "NG", TimeSpan.FromMilliseconds(20), Guid.NewGuid());
        _meter.Inspected("cam", "NG", TimeSpan.FromMilliseconds(20), Guid.NewGuid());
        waiting = 4;

        var lines = await LinesAsync();
        Assert.Contains("""mrfad_inspections_total{camera="cam",verdict="NG"} 2""", lines);
        Assert.Contains("""mrfad_queue_length{camera="cam"} 4""", lines);
        Assert.Contains("mrfad_mqtt_connected 0", lines);
        Assert.Contains("""mrfad_build_info{version="1.2.3"} 1""", lines);
    }

    [Fact]
    public async Task Buckets_are_cumulative_and_their_upper_ends_belong_to_them()
    {
        _meter.Stage("cam", "search", TimeSpan.FromSeconds(0.25));
        _meter.Stage("cam", "search", TimeSpan.FromSeconds(0.5));
        _meter.Stage("cam", "search", TimeSpan.FromSeconds(100));

        var lines = await LinesAsync();
        Assert.Contains("""mrfad_stage_duration_seconds_bucket{camera="cam",stage="search",le="0.1"} 0""", lines);
        Assert.Contains("""mrfad_stage_duration_seconds_bucket{camera="cam",stage="search",le="0.25"} 1""", lines);
        Assert.Contains("""mrfad_stage_duration_seconds_bucket{camera="cam",stage="search",le="30"} 2""", lines);
        Assert.Contains("""mrfad_stage_duration_seconds_bucket{camera="cam",stage="search",le="+Inf"} 3""", lines);
        Assert.Contains("""mrfad_stage_duration_seconds_sum{camera="cam",stage="search"} 100.75""", lines);
        Assert.Contains("""mrfad_stage_duration_seconds_count{camera="cam",stage="search"} 3""", lines);
    }

    [Fact]
    public async Task Strange_label_values_are_escaped()
    {
        _meter.FrameDropped("a\"b\\c\nd", "queue_full");

        Assert.Contains("""mrfad_frames_dropped_total{camera="a\"b\\c\nd",reason="queue_full"} 1""", await LinesAsync());
    }

    [Fact]
    public async Task Another_meter_of_the_same_process_is_not_shown()
    {
        using var other = new MrfAdMeter("9.9.9");
        other.FrameDropped("elsewhere", "queue_full");

        Assert.DoesNotContain("elsewhere", await ScrapeAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_threads_count()
    {
        Parallel.For(0, 8, _ =>
        {
            for (var i = 0; i < 1000; i++)
                _meter.Inspected("cam", "OK", TimeSpan.FromMilliseconds(1), Guid.NewGuid());
        });

        Assert.Contains("""mrfad_inspections_total{camera="cam",verdict="OK"} 8000""", await LinesAsync());
        Assert.Contains("""mrfad_inspection_duration_seconds_count{camera="cam"} 8000""", await LinesAsync());
    }

    private void MeasureEverything()
    {
        _meter.WatchMemory(new MemoryBudget(1_000_000));
        _meter.AddCamera("top", () => 0);
        _meter.WatchMqtt(() => true);
        _meter.SetThreshold("top", null, 12.5f);
        _meter.SetDrift("top", null, DriftKind.Light, -0.5, 3);
        _meter.SetPlacement("top", [new GraphPlacement("462x630", Provider.Cuda, Provider.Cpu, ["cuda: no"], new Dictionary<Provider, int> { [Provider.Cpu] = 99 })]);
        _meter.SetProduct("m6", isLoaded: true, isActive: true);
        _meter.ModelLoaded(TimeSpan.FromSeconds(0.3));
        _meter.Inspected("top", "OK", TimeSpan.FromSeconds(0.2), Guid.NewGuid());
        _meter.Stage("top", "features", TimeSpan.FromSeconds(0.1));
        _meter.AddParts();
        _meter.AddCodes("top");
        _meter.CodeRead("top", "read");
        _meter.Scored("top", 11.25f);
        _meter.FrameDropped("top", "queue_full");
        _meter.WrongToken("sign-in");
        _meter.PublishFailed("not_connected");
    }

    private Task<string> ScrapeAsync() => _http.GetStringAsync("/metrics");

    private async Task<string[]> LinesAsync() => (await ScrapeAsync()).Split('\n');

    /// <returns>"type name{labels}" of all series, sorted, without duplicates.</returns>
    private static SortedSet<string> Shape(string exposition)
    {
        var type = "";
        var shapes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in exposition.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                type = line.Split(' ')[3];
            if (line[0] == '#')
                continue;
            var series = line[..line.LastIndexOf(' ')];
            var labels = series.Contains('{', StringComparison.Ordinal) ? series[(series.IndexOf('{', StringComparison.Ordinal) + 1)..^1].Split(',') : [];
            var names = labels.Select(l => l.Split('=')[0]);
            shapes.Add($"{type} {series.Split('{')[0]}{(labels.Length == 0 ? "" : $"{{{string.Join(',', names)}}}")}");
        }

        return shapes;
    }
}
