using System.Text.Json;
using MrfAd.Agent.Reporting;
using MrfAd.Engine.Images;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary><c>mrfad train</c> as a user types it, and what is done with its model.</summary>
public sealed class TrainTests : IDisposable
{
    private static readonly string[] Quick = ["--high-side", "64", "--hidden", "16", "--guidance", "4", "--epochs", "30", "--noisy", "1", "--learning-rate", "0.01", "--threads", "1"];

    private readonly TemporaryFolder _folder = new();
    private readonly string _encoder;

    public TrainTests()
    {
        _encoder = TinyEncoder.Write(_folder.Path);
        for (var i = 0; i < 12; i++)
            WritePart($"parts/good/{i:00}.png", i);
        WritePart("test/good.png", 50);
        WritePart("test/bad.png", 51, defective: true);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_trained_model_judges_wherever_a_bank_does()
    {
        var model = _folder.File("parts.hlgfa");
        var (code, output, errors) = await AgentProcess.RunAsync(["train", _folder.File("parts/good"), "--encoder", _encoder, "--out", model, "--json", .. Quick]);
        Assert.True(code == 0, output + errors);
        using (var json = JsonDocument.Parse(output))
        {
            Assert.Equal("parts", json.RootElement.GetProperty("description").GetProperty("id").GetString());
            Assert.True(json.RootElement.GetProperty("description").GetProperty("training").GetProperty("peak_memory_bytes").GetInt64() > 1_000_000);
        }

        (code, output, _) = await AgentProcess.RunAsync("inspect", _folder.File("test/bad.png"), _folder.File("test/good.png"), "--bank", model, "--encoder", _encoder, "--out", _folder.File("ov"));
        Assert.Equal(3, code);
        Assert.Matches(@"NG .*bad\.png", output);
        Assert.Matches(@"OK .*good\.png", output);
        Assert.True(File.Exists(_folder.File("ov/bad.overlay.png")));

        (code, _, errors) = await AgentProcess.RunAsync("inspect", _folder.File("test/bad.png"), "--bank", model, "--encoder", _encoder, "--explain");
        Assert.Equal(2, code);
        Assert.Contains("is an HLGFA model", errors, StringComparison.Ordinal);

        await AStationJudgesByIt(model);
    }

    [Theory]
    [InlineData(2, "want 16 to 8192, got 3", "--high-side", "3")]
    [InlineData(2, "want 0.01 to 0.5, got 0.9", "--held-out", "0.9")]
    [InlineData(1, "smaller than the low view of 512x512", "--high-side", "1024")]
    [InlineData(1, "no layer 'l9'; it has l4, l8", "--layers", "l9")]
    public async Task Wrong_use_ends_with_a_sentence(int wanted, string sentence, params string[] arguments)
    {
        var (code, _, errors) = await AgentProcess.RunAsync(["train", _folder.File("parts/good"), "--encoder", _encoder, "--out", _folder.File("x.hlgfa"), .. arguments]);
        Assert.Equal(wanted, code);
        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("x.hlgfa")));
    }

    [Fact]
    public async Task Evaluate_trains_and_gives_the_papers_figures_for_the_whole_and_for_each_stage()
    {
        for (var i = 0; i < 4; i++)
        {
            WritePart($"set/train/good/{i}.png", i);
            WritePart($"set/train/good/{i + 4}.png", i + 4);
            WritePart($"set/test/good/{i}.png", 60 + i);
            WritePart($"set/test/hole/{i}.png", 70 + i, defective: true);
            Mask($"set/ground_truth/hole/{i}_mask.png");
        }

        var (code, output, errors) = await AgentProcess.RunAsync(
            ["evaluate", _folder.File("set"), "--method", "hlgfa", "--encoder", _encoder, "--out", _folder.File("ev"), "--json", .. Quick]);
        Assert.True(code == 0, output + errors);
        using var json = JsonDocument.Parse(output);
        var variants = json.RootElement.GetProperty("result").GetProperty("objects")[0].GetProperty("variants").EnumerateArray().ToList();
        Assert.Contains(variants, v => v.GetRawText().Contains("l4", StringComparison.Ordinal));
        Assert.True(variants[0].GetProperty("figures").GetProperty("image_auroc_max").GetDouble() > 0.9, output);
    }

    private async Task AStationJudgesByIt(string model)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await File.WriteAllTextAsync(_folder.File("station.json"), $$"""
            { "station": "s1", "mqtt": { "port": {{broker.Port}} }, "http": { "port": 0 }, "detector": { "method": "hlgfa", "bank": "{{model}}", "encoder": "{{_encoder}}", "threads": 1 },
              "cameras": [{ "name": "top", "source": "folder:{{_folder.File("test")}}" }] }
            """);
        await using var agent = AgentProcess.Start(["run", "--config", _folder.File("station.json")]);
        await listener.StateAsync(StationState.Ready);
        await listener.TriggerAsync("""{"id":"1"}""");
        await listener.TriggerAsync("""{"id":"2"}""");
        await listener.HeardAsync(2, Listener.IsVerdict);
        Assert.Equal([Verdict.Ng, Verdict.Ok], listener.All.Where(Listener.IsVerdict).Select(Listener.Verdict).Select(v => v.Verdict)); // bad.png, good.png
    }

    /// <summary>Soft waves that lie elsewhere on each part; a defective one has a black square.</summary>
    private void WritePart(string name, int seed, bool defective = false)
    {
        var random = new Random(seed);
        var (dx, dy) = (random.NextDouble() * 2, random.NextDouble() * 2);
        using var image = new Image(64, 64, 3);
        for (var i = 0; i < image.ByteCount; i++)
            image.Bytes[i] = (byte)(140 + (40 * Math.Sin(((i / 3 % 64) + dx) / 5)) + (40 * Math.Cos(((i / 3 / 64) + dy) / 7)) + random.Next(3));
        for (var y = 26; defective && y < 38; y++)
            image.Bytes.Slice(3 * ((y * 64) + 26), 3 * 12).Clear();
        Write(name, image);
    }

    private void Mask(string name)
    {
        using var mask = new Image(64, 64, 1);
        mask.Bytes.Clear();
        for (var y = 26; y < 38; y++)
            mask.Bytes.Slice((y * 64) + 26, 12).Fill(255);
        Write(name, mask);
    }

    private void Write(string name, Image image)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
    }
}
