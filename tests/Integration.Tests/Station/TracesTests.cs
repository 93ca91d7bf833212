using System.Globalization;
using System.Text;
using MrfAd.Contracts;
using MrfAd.Engine.Verdicts;
using MrfAd.Integration.Tests.Mqtt;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Runtime;
using MrfAd.Testing;
using MrfAd.Testing.Otlp;

namespace MrfAd.Integration.Tests.Station;

/// <summary>The traces of the real <c>mrfad run</c>, as a collector receives them.</summary>
public sealed class TracesTests(LearnedStation learned) : StationTestBase(learned)
{
    private const string Cameras = """
        [{ "name": "top", "source": "folder:parts", "loop": true }, { "name": "web", "source": "http:", "trigger": "http" },
         { "name": "message", "source": "mqtt:frames" }, { "name": "away", "source": "gige:none", "deadline": "100ms" }]
        """;

    private const string Trace = "0af7651916cd43dd8448eb211c80319c", Sender = "b7ad6b7169203331";

    private const string Traceparent = $"00-{Trace}-{Sender}-01";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_trace_leads_from_the_senders_span_to_the_acknowledgement_of_the_verdict(bool grpc)
    {
        await using var collector = await OtlpReceiver.StartAsync(grpc);
        await using var agent = await ReadyAsync(Cameras, collector.Address, ("MRFAD__TRACES__PROTOCOL", grpc ? "grpc" : "http/protobuf"));

        await FireAsync("""{"camera":"top","id":"a"}""");
        var message = await Listener.UntilAsync(Listener.IsVerdict);
        var spans = await collector.UntilAsync(all => Has(all, SpanNames.Part, SpanNames.Publish));

        var verdict = Listener.Verdict(message);
        Assert.Equal(
            [
                SpanNames.Capture, StageSpans.Features, StageSpans.Fuse, SpanNames.Inspect, SpanNames.Outbox, SpanNames.Part, SpanNames.Publish, SpanNames.Queue, StageSpans.Search,
                StageSpans.Search, SpanNames.Trigger,
            ],
            spans.Select(s => s.Name).Order(StringComparer.Ordinal));
        var (part, inspect, publish) = (spans.Single(s => s.Name == SpanNames.Part), spans.Single(s => s.Name == SpanNames.Inspect), spans.Single(s => s.Name == SpanNames.Publish));
        Assert.Equal(Sender, part.Parent);
        Assert.All(spans.Where(s => IsStage(s.Name)), s => Assert.Equal(inspect.Id, s.Parent));
        Assert.All(spans.Where(s => s != part && !IsStage(s.Name)), s => Assert.Equal(part.Id, s.Parent));
        AssertOrder(spans);
        Assert.Equal(
            new SortedDictionary<string, string>
            {
                [SpanAttributes.VerdictId] = verdict.Id.ToString(),
                [SpanAttributes.VerdictResult] = verdict.Verdict.ToText(),
                [SpanAttributes.VerdictSeq] = "1",
                [SpanAttributes.VerdictScore] = part.Attributes[SpanAttributes.VerdictScore],
                [SpanAttributes.VerdictThreshold] = part.Attributes[SpanAttributes.VerdictThreshold],
                [SpanAttributes.TriggerId] = "a",
                [SpanAttributes.TriggerSource] = "mqtt",
                [SpanAttributes.CameraName] = "top",
                [SpanAttributes.BankId] = "parts",
                [SpanAttributes.BankVersion] = "1",
            },
            new SortedDictionary<string, string>(part.Attributes.ToDictionary()));
        Assert.Equal(
            ("mqtt", "publish", "send", message.Topic, verdict.Id.ToString()),
            (publish.Attributes[SpanAttributes.MessagingSystem], publish.Attributes[SpanAttributes.MessagingOperationName], publish.Attributes[SpanAttributes.MessagingOperationType],
                publish.Attributes[SpanAttributes.MessagingDestinationName], publish.Attributes[SpanAttributes.MessagingMessageId]));
        Assert.Equal($"00-{Trace}-{publish.Id}-01", message.Property("traceparent"));
        Assert.All(spans, s => Assert.Equal(Trace, s.Trace));
        Assert.All(spans, s => Assert.Equal(
            ("mrfad", "site/line", "s1", AgentVersion.Current), (s.Resource["service.name"], s.Resource["service.namespace"], s.Resource["service.instance.id"], s.Resource["service.version"])));
    }

    [Fact]
    public async Task A_part_without_a_sender_begins_a_trace_and_one_whose_sender_does_not_sample_has_none()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var agent = await ReadyAsync(Cameras, collector.Address);
        var url = await agent.ListeningAsync();
        var png = LearnedStation.Part(seed: 1);

        await PostAsync(url, png, $"00-{Trace}-{Sender}-00");
        await PostAsync(url, png, "nonsense");
        await PostAsync(url, png, Traceparent);
        await using var sender = await Peer.ConnectedAsync(Broker.Port);
        await sender.PublishAsync(new MqttMessage("frames", png) { UserProperties = [new("traceparent", $"00-{Trace}-{Sender[..15]}2-01")] });
        var parts = (await collector.UntilAsync(all => all.Count(s => s.Name == SpanNames.Part) == 3)).Where(s => s.Name == SpanNames.Part).ToList();

        Assert.Equal(["2", "3", "1"], parts.Select(s => s.Attributes[SpanAttributes.VerdictSeq]));
        Assert.Equal("", parts[0].Parent);
        Assert.Equal([(Trace, Sender), (Trace, $"{Sender[..15]}2")], parts[1..].Select(s => (s.Trace, s.Parent)));
        Assert.Equal([2, 2, 5], parts.Select(s => s.Kind));
    }

    [Fact]
    public async Task The_trace_of_a_part_that_was_not_judged_is_an_error_with_the_reason()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var agent = await ReadyAsync(Cameras, collector.Address);

        await FireAsync("""{"camera":"away"}""");
        await PostAsync(await agent.ListeningAsync(), LearnedStation.Part(seed: 1)[..400], Traceparent);
        var spans = await collector.UntilAsync(all => all.Count(s => s.Name == SpanNames.Part) == 2);
        var verdicts = (await Listener.VerdictsAsync(2)).ToDictionary(v => v.Camera);

        foreach (var (camera, type) in (IEnumerable<(string, string)>)[("away", "TIMEOUT"), ("web", "INVALID")])
        {
            var part = spans.Single(s => s.Name == SpanNames.Part && s.Attributes[SpanAttributes.CameraName] == camera);
            Assert.Equal((verdicts[camera].Reason, type), (part.Error, part.Attributes[SpanAttributes.ErrorType]));
            Assert.Equal(verdicts[camera].Reason, spans.Single(s => s.Name == SpanNames.Capture && s.Parent == part.Id).Error);
        }
    }

    [Fact]
    public async Task A_restart_keeps_the_trace_of_a_trigger_and_of_a_verdict_that_waits()
    {
        var patient = Cameras.Replace("100ms", "1h", StringComparison.Ordinal);
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var agent = await ReadyAsync(patient, collector.Address))
        {
            var url = await agent.ListeningAsync();
            await FireAsync("""{"camera":"away","id":"a"}""");
            Assert.True(Listener.Reply(await Listener.UntilAsync(Listener.IsReply)).Accepted);
            await Broker.StopAsync();
            await PostAsync(url, LearnedStation.Part(seed: 1), $"00-{Trace}-{Sender[..15]}2-01");
            await collector.UntilAsync(all => Has(all, SpanNames.Part));
            await agent.SignalAsync("KILL");
        }

        await Broker.StartAsync();
        await using var after = Run(patient, Environment(collector.Address));
        var spans = await collector.UntilAsync(all => all.Count(s => s.Name == SpanNames.Outbox) == 2 && all.Count(s => s.Name == SpanNames.Part) == 2);

        Assert.All(spans, s => Assert.Equal(Trace, s.Trace));
        var (judged, interrupted) = (spans.Single(s => s.Name == SpanNames.Part && s.Error is null), spans.Single(s => s.Name == SpanNames.Part && s.Error is not null));
        Assert.Equal((Sender, "the agent was restarted before the image was judged"), (interrupted.Parent, interrupted.Error));
        Assert.Equal(new[] { judged.Id, interrupted.Id }.Order(), spans.Where(s => s.Name == SpanNames.Publish && s.Error is null).Select(s => s.Parent).Order());
    }

    [Fact]
    public async Task A_collector_that_is_away_is_said_once_and_costs_spans_alone()
    {
        var port = FreePort.Next();
        await File.WriteAllTextAsync(Folder.File("headers"), "Authorization: Bearer secret-of-the-collector\n", TestContext.Current.CancellationToken);
        await using var agent = await ReadyAsync(Cameras, $"http://127.0.0.1:{port}", ("MRFAD__TRACES__HEADERS_FILE", "headers"));
        var url = await agent.ListeningAsync();

        for (var i = 0; i < 3; i++)
        {
            await FireAsync("""{"camera":"top"}""");
            Assert.Equal(Verdict.Ok, Assert.Single(await Listener.VerdictsAsync(1)).Verdict);
            var failed = 10 * i;
            await Poll.UntilAsync(async () => await CountAsync(url, "failed") > failed, "a batch of spans that did not reach the collector");
        }

        await using var collector = await OtlpReceiver.StartAsync(port: port);
        await FireAsync("""{"camera":"top"}""");
        await collector.UntilAsync(all => Has(all, SpanNames.Part));
        await agent.SignalAsync("TERM");
        await agent.ExitAsync();

        Assert.Equal(["Bearer secret-of-the-collector"], collector.Authorizations);
        Assert.Single(agent.Log.Split('\n'), line => line.Contains($"Traces do not reach http://127.0.0.1:{port}: Connection refused", StringComparison.Ordinal));
        Assert.Single(agent.Log.Split('\n'), line => line.Contains($"Traces reach http://127.0.0.1:{port} again", StringComparison.Ordinal));
        Assert.DoesNotContain("secret-of", agent.Log, StringComparison.Ordinal);
    }

    private async Task<AgentProcess> ReadyAsync(string cameras, string collector, params (string, string)[] more)
    {
        LearnedStation.WritePart(Path.Combine(Parts, "0.png"), seed: 1);
        var agent = Run(cameras, Environment(collector, more));
        await Listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State is not StationState.Preparing);
        return agent;
    }

    private static Dictionary<string, string> Environment(string collector, params (string Name, string Value)[] more) =>
        new([new("MRFAD__TRACES__ENDPOINT", collector), .. more.Select(m => KeyValuePair.Create(m.Name, m.Value))]);

    private async Task FireAsync(string payload)
    {
        await using var sender = await Peer.ConnectedAsync(Broker.Port);
        await sender.PublishAsync(new MqttMessage($"{Listener.Root}/cmd/trigger", Encoding.UTF8.GetBytes(payload)) { ResponseTopic = Listener.Replies, UserProperties = [new("traceparent", Traceparent)] });
    }

    private async Task PostAsync(Uri url, byte[] image, string traceparent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "inspect?camera=web")) { Content = new ByteArrayContent(image), Headers = { { "traceparent", traceparent } } };
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.NotEqual("", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<double> CountAsync(Uri url, string result)
    {
        var page = await Http.GetStringAsync(new Uri(url, "metrics"), TestContext.Current.CancellationToken);
        var series = $"mrfad_trace_spans_total{{result=\"{result}\"}} ";
        return double.Parse(page.Split('\n').Single(line => line.StartsWith(series, StringComparison.Ordinal))[series.Length..], CultureInfo.InvariantCulture);
    }

    private static bool Has(IReadOnlyList<ReceivedSpan> spans, params string[] names) => names.All(name => spans.Any(s => s.Name == name));

    private static bool IsStage(string name) => name is StageSpans.Features or StageSpans.Search or StageSpans.Fuse;

    private static void AssertOrder(IReadOnlyList<ReceivedSpan> spans)
    {
        ReceivedSpan One(string name) => spans.Single(s => s.Name == name);
        var steps = (ReceivedSpan[])[One(SpanNames.Trigger), One(SpanNames.Capture), One(SpanNames.Queue)];
        Assert.Equal(One(SpanNames.Part).Start, steps[0].Start);
        AssertRising([.. steps.SelectMany(s => (ulong[])[s.Start, s.End]), One(SpanNames.Inspect).Start]);
        AssertRising([.. spans.Where(s => IsStage(s.Name)).OrderBy(s => s.Start).SelectMany(s => (ulong[])[s.Start, s.End])]);
        Assert.Equal([StageSpans.Features, StageSpans.Search, StageSpans.Fuse, StageSpans.Search], spans.Where(s => IsStage(s.Name)).OrderBy(s => s.Start).Select(s => s.Name));
        Assert.Equal(One(SpanNames.Outbox).End, One(SpanNames.Publish).Start);
    }

    private static void AssertRising(IReadOnlyList<ulong> times) => Assert.Equal(times.Order(), times);
}
