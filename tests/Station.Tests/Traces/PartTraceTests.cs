using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Station.Http;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Station.Runtime;
using MrfAd.Station.Traces;
using MrfAd.Testing;
using MrfAd.Testing.Otlp;
using OpenTelemetry.Trace;

namespace MrfAd.Station.Tests.Traces;

/// <summary>What a trace costs while nobody listens, and what becomes of spans that the collector does not take. Listeners are those of the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class PartTraceTests
{
    private const string Traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public void While_nobody_listens_a_part_has_no_trace_and_nothing_is_allocated_for_it()
    {
        var message = new MqttMessage("t", default) { UserProperties = [new("traceparent", Traceparent)] };
        Run(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Run(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run(int parts)
        {
            for (var i = 0; i < parts; i++)
            {
                var sender = message.Sender();
                var trace = PartTrace.Begin(sender, "mqtt", DateTimeOffset.UnixEpoch, 0, Clock);
                trace?.Add(SpanNames.Trigger, 0);
                using var inspect = trace?.Start(SpanNames.Inspect);
                StageSpans.Add(Clock, (StageSpans.Features, 1, 2), (StageSpans.Search, 2, 3));
                if (trace is not null || PartTrace.TraceparentOf(sender) is not null)
                    Assert.Fail("there is a trace");
            }
        }
    }

    [Fact]
    public void A_span_of_another_source_is_no_parent_and_stays_the_current_one()
    {
        using var listener = new ActivityListener { ShouldListenTo = _ => true, Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(listener);
        using var other = new ActivitySource("other");
        using var ambient = other.StartActivity("request");

        var trace = PartTrace.Begin(default, "http", Clock.GetUtcNow(), Clock.GetTimestamp(), Clock);
        trace!.End(Part);

        Assert.Same(ambient, Activity.Current);
        Assert.DoesNotContain(ambient!.TraceId.ToString(), trace.Traceparent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spans_beyond_the_queue_are_dropped_and_counted()
    {
        using var meter = new MrfAdMeter("0");
        var metrics = new PrometheusNet(meter.Meter);
        await using var collector = await OtlpReceiver.StartAsync();
        collector.Hold = new TaskCompletionSource();
        await using var services = Services(new TracesOptions { Endpoint = collector.Address, QueueLength = 3, Timeout = TimeSpan.FromMinutes(1) }, meter);
        var provider = services.GetRequiredService<TracerProvider>();

        for (var i = 0; i < 10; i++)
            PartTrace.Begin(default, "mqtt", Clock.GetUtcNow(), Clock.GetTimestamp(), Clock)!.End(Part);
        collector.Hold.SetResult();
        Assert.True(provider.ForceFlush());

        using var page = new MemoryStream();
        await metrics.Registry.CollectAndExportAsTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["mrfad_trace_spans_total{result=\"dropped\"} 7", "mrfad_trace_spans_total{result=\"failed\"} 0", "mrfad_trace_spans_total{result=\"sent\"} 3"],
            Encoding.UTF8.GetString(page.ToArray()).Split('\n').Where(line => line.StartsWith("mrfad_trace", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Authorization: Bearer secret\nno header secret\n", "headers: line 2 is no header of a request; want 'Name: value'")]
    [InlineData("Content-Length: secret", "headers: line 1")]
    [InlineData("X-Key:", "headers: line 1")]
    public void A_headers_file_that_cannot_be_used_is_named_with_its_line_and_not_shown(string content, string sentence)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("headers"), content);

        var error = Assert.Throws<IOException>(() => CollectorCheck.Run(new TracesOptions { Endpoint = "http://127.0.0.1:1", HeadersFile = folder.File("headers") })).Message;

        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_check_of_a_collector_says_what_it_answers()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        Assert.Equal($"{collector.Address} takes traces", CollectorCheck.Run(new TracesOptions { Endpoint = collector.Address }));

        collector.Status = 401;
        Assert.Contains("it answers 401", Assert.Throws<IOException>(() => CollectorCheck.Run(new TracesOptions { Endpoint = collector.Address })).Message, StringComparison.Ordinal);
    }

    private static VerdictMessage Part => new()
    {
        Id = Guid.NewGuid(),
        Seq = 1,
        Station = "s1",
        Camera = "top",
        Trigger = new VerdictTrigger { Id = "a", Source = "mqtt", At = DateTimeOffset.UnixEpoch },
        Verdict = Verdict.Ok,
        TimingsMs = new VerdictTimings { Total = 1 },
    };

    private static ServiceProvider Services(TracesOptions traces, MrfAdMeter meter) => new ServiceCollection()
        .AddSingleton(meter)
        .AddLogging()
        .AddTraces(new StationOptions { Traces = traces })
        .BuildServiceProvider();
}
