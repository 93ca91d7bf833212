using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using MrfAd.Station.Mqtt;
using MrfAd.Station.Options;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary>The real <c>mrfad collect</c>, with a folder into which somebody puts pictures, with uploads and with messages.</summary>
public sealed partial class CollectTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();

    private string Good => _folder.File("good");

    private string Flagged => _folder.File("flagged");

    private string Parts => _folder.File("parts");

    public CollectTests() => Directory.CreateDirectory(Parts);

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_page_shows_what_is_collected_until_Ctrl_C_and_then_the_bank_is_learned()
    {
        await using var collect = AgentProcess.Start(["collect", "--camera", $"folder:{Parts}?watch=true", "--out", Good, "--port", "0"]);
        var page = await PageAsync(collect);
        Assert.Contains("Collecting good parts", await _http.GetStringAsync(page, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var file in (string[])["collect.js", "page.css", "dashboard.css", "dom.js"])
            Assert.NotEmpty(await _http.GetStringAsync(new Uri(page, file), TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri(page, "newest.png"), TestContext.Current.CancellationToken)).StatusCode);

        foreach (var (i, brightness) in ((byte[])[100, 101, 102, 103, 104, 20]).Index())
        {
            Put(brightness);
            await TakenAsync(page, i + 1);
        }

        var status = await StatusAsync(page);
        Assert.Equal((5, 1, 0), ((int)status["taken"]!, (int)status["flagged_count"]!, (int)status["duplicates"]!));
        var dark = Path.GetFileName(Assert.Single(Directory.GetFiles(Flagged)));
        Assert.Equal(dark, (string?)status["flagged"]![0]!["name"]);
        var shown = await _http.GetByteArrayAsync(new Uri(page, $"flagged/{dark}"), TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Flagged, dark), TestContext.Current.CancellationToken), shown);
        Assert.Equal(shown, await _http.GetByteArrayAsync(new Uri(page, "newest.png"), TestContext.Current.CancellationToken));
        var good = Path.GetFileName(Directory.GetFiles(Good)[0]);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri(page, $"flagged/..%2Fgood%2F{good}"), TestContext.Current.CancellationToken)).StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, page) { Headers = { Host = "line.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _http.SendAsync(foreign, TestContext.Current.CancellationToken)).StatusCode);

        await collect.SignalAsync("INT");
        Assert.True(await collect.ExitAsync() == 0, collect.Log);
        Assert.Contains($"{Good}: 5 good, 1 flagged (1 dark)", collect.Output, StringComparison.Ordinal);
        Assert.Contains($"./mrfad learn {Good} --out part.mrfbank", collect.Output, StringComparison.Ordinal);
        var (code, output, errors) = await AgentProcess.RunAsync("learn", Good, "--out", _folder.File("part.mrfbank"));
        Assert.True(code == 0, output + errors);
        Assert.Contains("5 images", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_shows_the_newest_picture_the_counts_and_what_was_flagged()
    {
        await using var collect = AgentProcess.Start(["collect", "--camera", $"folder:{Parts}?watch=true", "--out", Good, "--port", "0"]);
        var page = await PageAsync(collect);
        Put(100);
        await TakenAsync(page, 1);
        Put(2);
        await TakenAsync(page, 2);

        var dom = await Browser.DumpAsync(page.AbsoluteUri);
        Assert.Matches("""<b id="taken">1</b>""", dom);
        Assert.Matches("""<b id="flagged" class="warn">1</b>""", dom);
        Assert.Matches("""<img id="frame"[^>]* src="newest.png\?2">""", dom);
        Assert.Contains("dark: mean brightness 0.0078, want at least 0.02</div>", dom, StringComparison.Ordinal);
        Assert.Matches("""<p id="lost"[^>]* hidden="">""", dom);
    }

    [Fact]
    public async Task Each_image_that_is_sent_is_a_picture_and_is_answered()
    {
        await using var collect = AgentProcess.Start(["collect", "--camera", "http:", "--out", Good, "--count", "2", "--no-preview", "--port", "0"]);
        var server = await PageAsync(collect);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(server, TestContext.Current.CancellationToken)).StatusCode);

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(server, [])).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(server, "no image"u8.ToArray())).Status);
        var (status, first) = await SendAsync(server, Png(100));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((string?)first["file"], (string?)(await SendAsync(server, Png(100))).Answer["same_as"]);
        using var foreign = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "inspect")) { Content = new ByteArrayContent(Png(101)), Headers = { { "Origin", "http://line.example" } } };
        Assert.Equal(HttpStatusCode.Forbidden, (await _http.SendAsync(foreign, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Single(Directory.GetFiles(Good));

        Put(101);
        await SendAsync(server, await File.ReadAllBytesAsync(Directory.GetFiles(Parts)[0], TestContext.Current.CancellationToken));
        Assert.True(await collect.ExitAsync() == 0, collect.Log);
        Assert.Equal(2, Directory.GetFiles(Good).Length);
    }

    [Fact]
    public async Task Each_message_is_a_picture_but_one_that_the_broker_kept()
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var camera = new MqttNetLink(new MqttOptions { Port = broker.Port, ClientId = "camera" }, null, TimeProvider.System, NullLogger.Instance);
        var connected = new TaskCompletionSource();
        camera.ConnectionChanged += _ => connected.TrySetResult();
        camera.Start();
        await connected.Task.WaitAsync(TestTimeout.Value, TestContext.Current.CancellationToken);
        await camera.PublishAsync(new("line/image", Png(99)) { Retain = true }, TestContext.Current.CancellationToken);
        await using var collect = AgentProcess.Start(["collect", "--camera", "mqtt:line/image", "--broker", $"127.0.0.1:{broker.Port}", "--out", Good, "--count", "1", "--port", "0"]);
        await Poll.UntilAsync(() => collect.Log.Contains("retained", StringComparison.Ordinal), "the retained image");

        await camera.PublishAsync(new("line/image", Png(100)), TestContext.Current.CancellationToken);
        Assert.True(await collect.ExitAsync() == 0, collect.Log);
        Assert.Equal(Png(100), await File.ReadAllBytesAsync(Assert.Single(Directory.GetFiles(Good)), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_cannot_be_had_is_one_sentence_and_no_trace()
    {
        var (code, output, errors) = await AgentProcess.RunAsync("collect", "--camera", $"rtsp://line:geheim@127.0.0.1:{FreePort.Next()}/top", "--interval", "1s", "--out", Good, "--no-preview");
        Assert.Equal((1, ""), (code, output.Trim()));
        Assert.Contains("mrfad: camera: rtsp://127.0.0.1", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);

        Put(100);
        (code, output, errors) = await AgentProcess.RunAsync("collect", "--camera", $"folder:{Parts}", "--out", Good, "--no-preview", "--count", "2");
        Assert.True(code == 1, errors);
        Assert.Contains("has no more frames", errors, StringComparison.Ordinal);
        Assert.Contains("1 of 2 good", output, StringComparison.Ordinal);
    }

    private static byte[] Png(byte brightness)
    {
        using var image = TestPart.Make(brightness, 96, 96);
        return Engine.Images.ImageCodec.Encode(image, Engine.Images.ImageFormat.Png);
    }

    private static async Task<Uri> PageAsync(AgentProcess collect)
    {
        await Poll.UntilAsync(() => collect.HasEnded || collect.Log.Contains("ready: ", StringComparison.Ordinal), "the camera");
        return new Uri(Address().Match(collect.Log).Value);
    }

    /// <summary>Puts a picture into the folder as a camera does: written beside, and renamed.</summary>
    private void Put(byte brightness)
    {
        var path = Path.Combine(Parts, $"{brightness}.png");
        File.WriteAllBytes(path + ".part", Png(brightness));
        File.Move(path + ".part", path);
    }

    private async Task<JsonNode> StatusAsync(Uri page) => (await _http.GetFromJsonAsync<JsonNode>(new Uri(page, "api/collect"), TestContext.Current.CancellationToken))!;

    private Task TakenAsync(Uri page, int count) => Poll.UntilAsync(async () => (int?)(await StatusAsync(page))["newest"]?["number"] == count, $"picture {count}");

    private async Task<(HttpStatusCode Status, JsonNode Answer)> SendAsync(Uri server, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        var answer = await _http.PostAsync(new Uri(server, "inspect"), content, TestContext.Current.CancellationToken);
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!);
    }

    [GeneratedRegex("http://127\\.0\\.0\\.1:[0-9]+/")]
    private static partial Regex Address();
}
