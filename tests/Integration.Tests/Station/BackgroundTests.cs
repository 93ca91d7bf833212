using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Station;

/// <summary>A bank learned without background in the real <c>mrfad run</c>: an implausible mask is not used.</summary>
public sealed class BackgroundTests : IDisposable
{
    private const int Side = 96;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mask_that_cannot_be_right_is_ignored_and_counted_and_the_verdict_says_so()
    {
        var (encoder, mask) = (TinyEncoder.Write(_folder.Path), TinyMask.Write(_folder.Path));
        for (var i = 0; i < 8; i++)
            Write($"good/{i}.png", seed: i);
        var (code, output, errors) = await AgentProcess.RunAsync(
            "learn", _folder.File("good"), "--encoder", encoder, "--background", mask, "--out", _folder.File("part.mrfbank"), "--id", "part", "--scales", "1", "--least-side", "32", "--rows", "all");
        Assert.True(code == 0, output + errors);
        Write("parts/0.png", seed: 90);
        Write("parts/1.png", seed: 91, part: 20); // nothing is bright: the mask is empty
        Write("parts/2.png", seed: 92, ground: 200); // all is bright: the mask is the whole image
        Write("parts/3.png", seed: 93);
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await File.WriteAllTextAsync(_folder.File("station.json"), $$"""
            { "station": "s1", "mqtt": { "port": {{broker.Port}} }, "http": { "port": 0 },
              "detector": { "bank": "part.mrfbank", "encoder": "tiny.onnx", "background": "mask.json", "threads": 1 },
              "cameras": [{ "name": "top", "source": "folder:parts", "check_image": false, "queue_length": 9, "deadline": "60s" }] }
            """, TestContext.Current.CancellationToken);
        await using var agent = AgentProcess.Start(["run", "--config", _folder.File("station.json")]);
        await listener.StateAsync(StationState.Ready);
        for (var i = 0; i < 4; i++)
            await listener.TriggerAsync($$"""{"id":"{{i}}"}""");

        var verdicts = await listener.VerdictsAsync(4);
        Assert.Equal([false, true, true, false], verdicts.Select(v => v.Degraded));
        Assert.Contains("the background was not removed: the mask shows no part", verdicts[1].Reason, StringComparison.Ordinal);
        Assert.Contains("the background was not removed: the mask's area is 1.000", verdicts[2].Reason, StringComparison.Ordinal);
        Assert.All(verdicts, v => Assert.True(v.Score > 0, "where good parts were is searched all the same"));
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(await agent.ListeningAsync(), "/metrics"), TestContext.Current.CancellationToken);
        Assert.Contains("mrfad_masks_doubted_total{camera=\"top\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("mrfad_output_latency_seconds_count{camera=\"top\",output=\"mqtt\"} ", metrics, StringComparison.Ordinal);
        listener.AssertSchemas();
    }

    /// <summary>Draws a square on a background, both with noise.</summary>
    private void Write(string name, int seed, byte part = 200, byte ground = 20)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        var random = new Random(seed);
        using var image = new Image(Side, Side, 3);
        for (var i = 0; i < Side * Side; i++)
        {
            var (y, x) = Math.DivRem(i, Side);
            var grey = x is >= 24 and < 72 && y is >= 24 and < 72 ? part : ground;
            image.Bytes.Slice(3 * i, 3).Fill((byte)(grey + random.Next(-10, 11)));
        }

        File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
    }
}
