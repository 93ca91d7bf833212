using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Contracts;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>Several cameras and uploaded frames in the real <c>mrfad run</c>.</summary>
public sealed class CamerasTests(LearnedStation station) : IClassFixture<LearnedStation>, IAsyncLifetime
{
    private static TimeSpan Timeout => TestTimeout.Value;
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private MosquittoBroker _broker = null!;
    private Listener _listener = null!;

    public async ValueTask InitializeAsync()
    {
        _broker = await MosquittoBroker.StartNewAsync();
        _listener = await Listener.ConnectedAsync(_broker.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _broker.DisposeAsync();
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Two_cameras_and_an_HTTP_client_are_served_at_once_and_no_number_is_left_out()
    {
        await using var rtsp = await RtspServer.StartedAsync(LearnedStation.Width, LearnedStation.Height, "red");
        LearnedStation.WritePart(_folder.File("good.png"), seed: 500);
        LearnedStation.WritePart(_folder.File("bad.png"), seed: 501, defective: true);
        await using var agent = Run($$"""
            [{ "name": "stream", "source": "{{rtsp.Url}}", "trigger": "free_run", "check_image": false, "heatmap": { "publish": "never" } },
             { "name": "pipeline", "source": "gst:videotestsrc is-live=true ! video/x-raw,width={{LearnedStation.Width}},height={{LearnedStation.Height}},framerate=20/1",
               "trigger": "interval", "interval": "300ms", "deadline": "20s", "check_image": false, "threshold": 1000, "heatmap": { "publish": "never" } },
             { "name": "upload", "source": "http:", "trigger": "http" }]
            """);
        // The stream's frames may make it Running before Ready is published.
        await _listener.UntilAsync(m => m.Topic == $"{Listener.Root}/state" && Listener.State(m).State is (StationState.Ready or StationState.Running));
        var inspect = new Uri(await agent.ListeningAsync(), "inspect");

        var answers = new List<VerdictMessage>();
        for (var i = 0; i < 6; i++)
            answers.Add(await UploadAsync(inspect, await File.ReadAllBytesAsync(_folder.File(i % 2 == 0 ? "good.png" : "bad.png"), TestContext.Current.CancellationToken)));
        answers.Add(await UploadAsync(inspect, (await File.ReadAllBytesAsync(_folder.File("good.png"), TestContext.Current.CancellationToken))[..100], HttpStatusCode.UnprocessableEntity));
        await _listener.ReceivedAsync(10, m => Listener.IsVerdict(m) && Listener.Verdict(m).Camera == "stream");
        await _listener.ReceivedAsync(10, m => Listener.IsVerdict(m) && Listener.Verdict(m).Camera == "pipeline");
        await _listener.ReceivedAsync(7, m => Listener.IsVerdict(m) && Listener.Verdict(m).Camera == "upload");

        Assert.Equal(
            [Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Ok, Verdict.Ng, Verdict.Invalid], answers.Select(a => a.Verdict));
        Assert.All(answers, a => Assert.Equal(("upload", "http"), (a.Camera, a.Trigger.Source)));
        foreach (var verdicts in _listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).GroupBy(v => v.Camera))
        {
            Assert.Equal(Enumerable.Range(1, verdicts.Count()), verdicts.Select(v => (int)v.Seq));
            // The pipeline's own threshold is above any score. On a busy machine some of its triggers are rejected.
            if (verdicts.Key != "upload")
                Assert.Equal([verdicts.Key == "pipeline" ? Verdict.Ok : Verdict.Ng], verdicts.Select(v => v.Verdict).Where(v => v is Verdict.Ok or Verdict.Ng).Distinct());
        }

        _listener.AssertSchemas(replies: false);
    }

    [Fact]
    public async Task A_trigger_over_HTTP_is_answered_with_the_verdict_and_misuse_with_what_is_wanted()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 7);
        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "loop": true, "trigger": "http", "deadline": "60s" }, { "name": "other", "source": "folder:parts" }]""");
        await _listener.StateAsync(StationState.Ready);
        var url = await agent.ListeningAsync();

        using var answer = await _http.PostAsync(new Uri(url, "inspect?camera=top&id=part-1"), null, TestContext.Current.CancellationToken);
        var verdict = JsonSerializer.Deserialize(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), MessageJson.Default.VerdictMessage)!;

        Assert.Equal((Verdict.Ok, "part-1", "http", 1L), (verdict.Verdict, verdict.Trigger.Id, verdict.Trigger.Source, verdict.Seq));
        Assert.Equal((HttpStatusCode.Conflict, true), await AskAsync("inspect?camera=top&id=part-1", null, "part-1"));
        Assert.Equal((HttpStatusCode.NotFound, true), await AskAsync("inspect?camera=other", null, "(top)"));
        Assert.Equal((HttpStatusCode.BadRequest, true), await AskAsync("inspect", "a picture", "takes its own frames"));
        _http.DefaultRequestHeaders.Add("Origin", "http://another.site");
        Assert.Equal((HttpStatusCode.Forbidden, true), await AskAsync("inspect?camera=top", null, "'http://another.site' is another site"));

        async Task<(HttpStatusCode, bool)> AskAsync(string path, string? body, string text)
        {
            using var content = body is null ? null : new StringContent(body);
            using var response = await _http.PostAsync(new Uri(url, path), content, TestContext.Current.CancellationToken);
            return (response.StatusCode, (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(text, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Where_a_token_is_wanted_a_trigger_over_HTTP_shows_it()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        LearnedStation.WritePart(Path.Combine(_folder.File("parts"), "0.png"), seed: 7);
        await File.WriteAllTextAsync(_folder.File("token"), "a token of a line\n");
        var config = station.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "loop": true, "trigger": "http", "deadline": "60s" }]""");
        await using var agent = AgentProcess.Start(["run", "--config", config], new Dictionary<string, string> { ["MRFAD__HTTP__TOKEN_FILE"] = _folder.File("token") });
        await _listener.StateAsync(StationState.Ready);
        var url = await agent.ListeningAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync());
        _http.DefaultRequestHeaders.Authorization = new("Bearer", "a token of another line");
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync());
        _http.DefaultRequestHeaders.Authorization = new("Bearer", "a token of a line");
        Assert.Equal(HttpStatusCode.OK, await PostAsync());

        async Task<HttpStatusCode> PostAsync() => (await _http.PostAsync(new Uri(url, "inspect"), null)).StatusCode;
    }

    [Fact]
    public async Task Two_stations_share_the_images_of_one_topic_and_each_image_is_judged_once()
    {
        const int images = 12;
        var source = """[{ "name": "top", "source": "mqtt:$share/line/factory/images", "queue_length": 50 }]""";
        await using var first = Run(source);
        using var folder = new TemporaryFolder();
        await using var second = AgentProcess.Start(["run", "--config", station.Configure(folder, _broker.Port, source)], new Dictionary<string, string> { ["MRFAD__STATION"] = "s2" });
        await using var link = new MqttNetLink(new MqttOptions { Port = _broker.Port, ClientId = "images" }, null, TimeProvider.System, NullLogger.Instance);
        var verdicts = System.Threading.Channels.Channel.CreateUnbounded<VerdictMessage>();
        var ready = new SemaphoreSlim(0);
        link.Subscribe("mrfad/v1/site/line/+/top/verdict", async (m, stop) => await verdicts.Writer.WriteAsync(Listener.Verdict(m), stop));
        link.Subscribe("mrfad/v1/site/line/+/state", (m, _) =>
        {
            if (Listener.State(m).State == StationState.Ready)
                ready.Release();
            return Task.CompletedTask;
        });
        link.Start();
        for (var i = 0; i < 2; i++)
            Assert.True(await ready.WaitAsync(Timeout, TestContext.Current.CancellationToken));

        for (var i = 0; i < images; i++)
        {
            LearnedStation.WritePart(_folder.File("part.png"), seed: 600 + i, defective: i % 3 == 0);
            var picture = await File.ReadAllBytesAsync(_folder.File("part.png"), TestContext.Current.CancellationToken);
            await link.PublishAsync(new MqttMessage("factory/images", picture) { UserProperties = [new("id", $"image-{i}")] }, TestContext.Current.CancellationToken);
        }

        var received = new List<VerdictMessage>();
        while (received.Count < images)
            received.Add(await verdicts.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Timeout));

        Assert.Equal(Enumerable.Range(0, images).Select(i => $"image-{i}").Order(), received.Select(v => v.Trigger.Id).Order());
        Assert.All(received, v => Assert.Equal(int.Parse(v.Trigger.Id["image-".Length..]) % 3 == 0 ? Verdict.Ng : Verdict.Ok, v.Verdict));
        Assert.Equal(["s1", "s2"], received.Select(v => v.Station).Distinct().Order());
    }

    [Fact]
    public async Task Evidence_gives_the_same_score_again_and_names_what_is_another()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        for (var i = 0; i < 4; i++)
            LearnedStation.WritePart(Path.Combine(_folder.File("parts"), $"{i}.png"), seed: 700 + i, defective: i == 2);
        await using (var agent = AgentProcess.Start(
            ["run", "--config", station.Configure(_folder, _broker.Port, """[{ "name": "top", "source": "folder:parts", "queue_length": 9, "deadline": "60s" }]""")],
            new Dictionary<string, string> { ["MRFAD__EVIDENCE__BUDGET_MB"] = "10", ["MRFAD__EVIDENCE__OK_ONE_IN"] = "2" }))
        {
            await _listener.StateAsync(StationState.Ready);
            for (var i = 0; i < 4; i++)
                await _listener.TriggerAsync($$"""{"id":"{{i}}"}""");
            await _listener.VerdictsAsync(4);
            await agent.SignalAsync("TERM");
            Assert.Equal(0, await agent.ExitAsync());
        }

        var (same, output, _) = await AgentProcess.RunAsync("inspect", "--replay", _folder.File("evidence"), "--bank", station.Bank, "--encoder", station.Encoder, "--threads", "2");
        // Evidence of two of the three good parts, and of the bad one.
        Assert.Equal((0, 3), (same, output.Split("same  score").Length - 1));

        var other = _folder.File("other.mrfbank");
        await AgentProcess.RunAsync("bank", "remove", station.Bank, "00.png", "--out", other);
        Assert.True(File.Exists(other));
        var (another, differences, _) = await AgentProcess.RunAsync("inspect", "--replay", _folder.File("evidence"), "--bank", other, "--encoder", station.Encoder);
        Assert.Equal((1, 3), (another, differences.Split("DIFFERS  another bank: recorded parts").Length - 1));
    }

    [Fact]
    public async Task An_image_that_shows_nothing_is_invalid_with_what_was_measured()
    {
        Directory.CreateDirectory(_folder.File("parts"));
        using (var dark = new Engine.Images.Image(LearnedStation.Width, LearnedStation.Height, 3))
        {
            dark.Bytes.Fill(9);
            await File.WriteAllBytesAsync(Path.Combine(_folder.File("parts"), "0.png"), Engine.Images.ImageCodec.Encode(dark, Engine.Images.ImageFormat.Png), TestContext.Current.CancellationToken);
        }

        await using var agent = Run("""[{ "name": "top", "source": "folder:parts", "deadline": "60s" }]""");
        await _listener.StateAsync(StationState.Ready);
        await _listener.TriggerAsync();

        var verdict = Assert.Single(await _listener.VerdictsAsync(1));
        Assert.Equal((Verdict.Invalid, "dark"), (verdict.Verdict, verdict.Fault?.Kind));
        Assert.Equal(9 / 255.0, verdict.Fault!.Value, 1e-6);
        Assert.Contains("dark: mean brightness 0.0353, want at least 0.2", verdict.Reason, StringComparison.Ordinal);
        _listener.AssertSchemas();
    }

    [Fact]
    public async Task An_upload_that_is_no_image_file_triggers_nothing_and_one_that_cannot_be_used_is_a_clients_error()
    {
        await using var agent = Run("""[{ "name": "web", "source": "http:", "trigger": "http" }]""");
        var inspect = new Uri(await agent.ListeningAsync(), "inspect");
        await _listener.StateAsync(StationState.Ready);
        LearnedStation.WritePart(_folder.File("part.png"), seed: 1);
        var png = await File.ReadAllBytesAsync(_folder.File("part.png"), TestContext.Current.CancellationToken);

        using var form = new MultipartFormDataContent { { new ByteArrayContent(png), "file", "part.png" } };
        Assert.Equal((415, true), await SendAsync(form, "a form (multipart); want the bytes"));
        Assert.Equal((415, true), await SendAsync(new StringContent(Convert.ToBase64String(png)), "a text"));
        Assert.Equal((415, true), await SendAsync(new StringContent($$"""{ "image": "{{Convert.ToBase64String(png)}}" }"""), "a JSON text"));
        Assert.Equal((415, true), await SendAsync(new ByteArrayContent([]), "empty"));
        using var packed = new ByteArrayContent(png) { Headers = { ContentEncoding = { "gzip" } } };
        Assert.Equal((415, true), await SendAsync(packed, "compressed (gzip)"));
        Assert.Equal((422, true), await SendAsync(new ByteArrayContent(png[..(png.Length / 2)]), "\"verdict\":\"INVALID\""));
        // curl --data-binary sends this content type for any file.
        using var curl = new ByteArrayContent(png) { Headers = { ContentType = new("application/x-www-form-urlencoded") } };
        Assert.Equal((200, true), await SendAsync(curl, "\"verdict\":\"OK\""));
        Assert.Equal([1L, 2L], (await _listener.VerdictsAsync(2)).Select(v => v.Seq));

        async Task<(int, bool)> SendAsync(HttpContent content, string expected)
        {
            using var response = await _http.PostAsync(inspect, content, TestContext.Current.CancellationToken);
            var text = (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Replace(" ", "", StringComparison.Ordinal);
            return ((int)response.StatusCode, text.Contains(expected.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Uploads_count_against_the_queue_and_the_memory_before_they_are_read()
    {
        await using var agent = Run("""[{ "name": "web", "source": "http:", "trigger": "http", "queue_length": 2 }]""");
        var url = await agent.ListeningAsync();
        await _listener.StateAsync(StationState.Ready);
        LearnedStation.WritePart(_folder.File("part.png"), seed: 1);
        var png = await File.ReadAllBytesAsync(_folder.File("part.png"), TestContext.Current.CancellationToken);

        // Three senders have begun and do not go on: one being judged, two in the queue. They begin anew each time, for the station gives up those that are slow.
        var senders = new List<TcpClient>();
        var judged = 0;
        try
        {
            await Poll.UntilAsync(
                async () =>
                {
                    senders.ForEach(sender => sender.Dispose());
                    senders.Clear();
                    for (var i = 0; i < 3; i++)
                        senders.Add(await BeginAsync(url, png));
                    return await StatusAsync() == HttpStatusCode.TooManyRequests;
                },
                "a full queue");
            using var large = new ByteArrayContent(new byte[64_000_001]);
            using var refused = await _http.PostAsync(new Uri(url, "inspect"), large, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        }
        finally
        {
            senders.ForEach(sender => sender.Dispose());
        }

        // Whoever goes gives the place back, and has triggered nothing.
        await Poll.UntilAsync(async () => await StatusAsync() == HttpStatusCode.OK, "a free place in the queue");
        Assert.Equal(Enumerable.Range(1, judged).Select(seq => (long)seq), (await _listener.VerdictsAsync(judged)).Select(v => v.Seq));

        async Task<HttpStatusCode> StatusAsync()
        {
            using var content = new ByteArrayContent(png);
            using var response = await _http.PostAsync(new Uri(url, "inspect"), content, TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
                judged++;
            return response.StatusCode;
        }
    }

    /// <summary>Sends the head of a request and half of its body.</summary>
    private static async Task<TcpClient> BeginAsync(Uri url, byte[] body)
    {
        var sender = new TcpClient();
        await sender.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        var head = Encoding.ASCII.GetBytes($"POST /inspect HTTP/1.1\r\nHost: localhost\r\nContent-Length: {body.Length}\r\n\r\n");
        await sender.GetStream().WriteAsync((byte[])[.. head, .. body[..(body.Length / 2)]], TestContext.Current.CancellationToken);
        return sender;
    }

    private AgentProcess Run(string cameras) => AgentProcess.Start(["run", "--config", station.Configure(_folder, _broker.Port, cameras)]);

    private async Task<VerdictMessage> UploadAsync(Uri inspect, byte[] image, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var content = new ByteArrayContent(image);
        using var response = await _http.PostAsync(inspect, content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == status, text);
        return JsonSerializer.Deserialize(Encoding.UTF8.GetBytes(text), MessageJson.Default.VerdictMessage)!;
    }
}
