using System.Text.Json;
using MrfAd.Contracts;
using MrfAd.Engine.Images;
using MrfAd.Integration.Tests.Station;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary><c>mrfad train</c> on the command line, and the uses of its model.</summary>
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
    public async Task A_trained_model_inspects_images()
    {
        var model = _folder.File("parts.hlgfa");
        using (var json = JsonDocument.Parse(await TrainAsync(model, "--json")))
        {
            Assert.Equal("parts", json.RootElement.GetProperty("description").GetProperty("id").GetString());
            Assert.True(json.RootElement.GetProperty("description").GetProperty("training").GetProperty("peak_memory_bytes").GetInt64() > 1_000_000);
        }

        var (code, said, _) = await AgentProcess.RunAsync("inspect", _folder.File("test/bad.png"), _folder.File("test/good.png"), "--bank", model, "--encoder", _encoder, "--out", _folder.File("ov"));
        Assert.Equal(3, code);
        Assert.Matches(@"NG .*bad\.png", said);
        Assert.Matches(@"OK .*good\.png", said);
        Assert.True(File.Exists(_folder.File("ov/bad.overlay.png")));

        (code, _, var errors) = await AgentProcess.RunAsync("inspect", _folder.File("test/bad.png"), "--bank", model, "--encoder", _encoder, "--explain");
        Assert.Equal(2, code);
        Assert.Contains("is an HLGFA model", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_model_takes_the_place_of_the_one_that_judges_and_gives_it_back()
    {
        await File.WriteAllTextAsync(_folder.File("passphrase"), BankSigner.Passphrase);
        var (model, next) = (_folder.File("parts.hlgfa"), _folder.File("next.hlgfa"));
        await TrainAsync(model);
        await TrainAsync(next, "--id", "parts", "--model-version", "2", "--seed", "2");
        await DoneAsync("bank", "keygen", "office", "--folder", _folder.Path, "--passphrase-file", _folder.File("passphrase"));
        await DoneAsync("bank", "sign", next, "--sign-key", _folder.File("office.key"), "--passphrase-file", _folder.File("passphrase"));
        Assert.Contains("parts version 2", await DoneAsync("bank", "verify", next, "--key", _folder.File("office.pub")), StringComparison.Ordinal);
        Assert.Contains("mrfad-hlgfa/1", await DoneAsync("bank", "verify", next, "--key", _folder.File("office.pub"), "--json"), StringComparison.Ordinal);
        foreach (var kind in new[] { "good", "bad" })
        {
            Directory.CreateDirectory(_folder.File($"golden/{kind}"));
            File.Copy(_folder.File($"test/{kind}.png"), _folder.File($"golden/{kind}/0.png"));
        }

        await AtAStationAsync(model, async (listener, station) =>
        {
            Assert.Equal((Verdict.Ng, 1), await JudgedAsync(listener)); // the camera loops over bad.png and good.png
            Assert.Contains("accepted: parts version 2: reference parts: 0 of 1 good ones NG (before: 0), 0 of 1 defective ones missed (0)", await DoneAsync(["bank", "push", next, .. station]), StringComparison.Ordinal);
            Assert.Equal((Verdict.Ok, 2), await JudgedAsync(listener));
            Assert.Equal((Verdict.Ng, 2), await JudgedAsync(listener));
            Assert.Contains("must be signed", (await AgentProcess.RunAsync(["bank", "rollback", .. station])).Errors, StringComparison.Ordinal);
            string[] signed = [.. station, "--sign-key", _folder.File("office.key"), "--passphrase-file", _folder.File("passphrase")];
            await DoneAsync(["bank", "rollback", .. signed]);
            Assert.Equal((Verdict.Ok, 1), await JudgedAsync(listener));

            var lesson = await AgentProcess.RunAsync(["bank", "lesson", "--verdict", $"{Listener.Verdict(listener.All.Last(Listener.IsVerdict)).Id}", .. signed]);
            Assert.Equal(1, lesson.ExitCode);
            Assert.Contains("teaching is for banks", lesson.Errors, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(2, "want 16 to 8192, got 3", "--high-side", "3")]
    [InlineData(2, "want 0.01 to 0.5, got 0.9", "--held-out", "0.9")]
    [InlineData(2, "--provider: HLGFA models are trained and evaluated on the CPU", "--provider", "cuda", "--high-side", "3")]
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

    /// <param name="act">Called with the arguments by which commands find the station.</param>
    private async Task AtAStationAsync(string model, Func<Listener, string[], Task> act)
    {
        await using var broker = await MosquittoBroker.StartNewAsync();
        await using var listener = await Listener.ConnectedAsync(broker.Port);
        await File.WriteAllTextAsync(_folder.File("station.json"), $$"""
            { "station": "s1", "mqtt": { "port": {{broker.Port}} }, "http": { "port": 0 }, "detector": { "method": "hlgfa", "bank": "{{model}}", "encoder": "{{_encoder}}", "threads": 1 },
              "control": { "trusted_keys": [{ "id": "office", "public_key_file": "{{_folder.File("office.pub")}}" }] },
              "updates": { "trusted_keys": [{ "id": "office", "public_key_file": "{{_folder.File("office.pub")}}" }], "golden_folder": "{{_folder.File("golden")}}", "keep_free_mb": 1 },
              "cameras": [{ "name": "top", "source": "folder:{{_folder.File("test")}}", "loop": true }] }
            """);
        await using var agent = AgentProcess.Start(["run", "--config", _folder.File("station.json")]);
        await listener.StateAsync(StationState.Ready);
        await act(listener, ["--station", "site/line/s1", "--broker", $"127.0.0.1:{broker.Port}"]);
    }

    /// <summary>Returns the next frame's verdict and the version of the model that gave it.</summary>
    private static async Task<(Verdict Verdict, int Version)> JudgedAsync(Listener listener)
    {
        await listener.TriggerAsync(correlation: $"{Guid.NewGuid()}");
        var verdict = Listener.Verdict(await listener.UntilAsync(Listener.IsVerdict));
        return (verdict.Verdict, verdict.Bank!.Version);
    }

    private Task<string> TrainAsync(string model, params string[] options) =>
        DoneAsync(["train", _folder.File("parts/good"), "--encoder", _encoder, "--out", model, .. Quick, .. options]);

    private static async Task<string> DoneAsync(params string[] arguments)
    {
        var (code, output, errors) = await AgentProcess.RunAsync(arguments);
        Assert.True(code == 0, output + errors);
        return output;
    }

    /// <summary>Draws soft waves with another phase on each part, and a black square if defective.</summary>
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
