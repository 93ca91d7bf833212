using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Commands;

/// <summary><c>mrfad model</c> on the command line, with a small DINOv2 with random weights.</summary>
public sealed class ModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoint => _folder.File("small.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_encoder_built_of_a_checkpoint_learns_and_inspects()
    {
        TestCheckpoint.Write(Checkpoint, TestCheckpoint.DinoV2(64, 3));
        var (code, output, errors) = await AgentProcess.RunAsync("model", "build", Checkpoint, "--image", "150x200", "--layers", "1,2", "--scales", "0.5,1", "--out", _folder.File("encoder"));
        Assert.True(code == 0, errors);
        Assert.Contains("small-98x126.onnx", output, StringComparison.Ordinal); // --least-side 96: both views grow
        var encoder = _folder.File("encoder/small.json");
        for (var i = 0; i < 6; i++)
            Part($"good/{i}.png", i, defective: false);
        Part("bad.png", 7, defective: true);
        var bank = _folder.File("x.mrfbank");
        (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", encoder, "--scales", "0.5,1", "--folds", "3", "--out", bank);
        Assert.True(code == 0, errors);
        (code, _, errors) = await AgentProcess.RunAsync("inspect", _folder.File("bad.png"), "--bank", bank, "--encoder", encoder);
        Assert.True(code == 3, errors);

        (code, _, errors) = await AgentProcess.RunAsync("learn", _folder.File("good"), "--encoder", encoder, "--scales", "0.5,0.9", "--folds", "3", "--out", bank);
        Assert.Equal(1, code);
        Assert.Contains("no graph for a view of", errors, StringComparison.Ordinal);
        Assert.Contains("mrfad model build", errors, StringComparison.Ordinal);

        (code, output, _) = await AgentProcess.RunAsync("model", "info", encoder, "--json");
        Assert.Equal(0, code);
        using var info = JsonDocument.Parse(output);
        Assert.Equal(2, info.RootElement.GetProperty("graphs").GetArrayLength());
    }

    [Theory]
    [InlineData("superadd", "0, 1, 2, 3")]
    [InlineData("anomalydino", "3")]
    [InlineData("mrf-ad", "1, 2, 3")]
    public async Task A_DINOv3_has_the_layers_of_the_method_that_is_named(string method, string layers)
    {
        TestCheckpoint.Write(Checkpoint, TestCheckpoint.DinoV3(64, 4));
        var (code, output, errors) = await AgentProcess.RunAsync("model", "info", Checkpoint, "--image", "520x512", "--scales", "1", "--layers", method);
        Assert.True(code == 0, errors);
        Assert.Contains("DINOv3 with 4 registers, ViT 64/16, 4 blocks, 4 heads, Meta's names", output, StringComparison.Ordinal);
        Assert.Contains($"(chosen: {layers}); sides in multiples of 16", output, StringComparison.Ordinal);
        Assert.Contains("528x512", output, StringComparison.Ordinal);
        Assert.Contains("1061", output, StringComparison.Ordinal); // 33·32 patches, class token, 4 registers
    }

    [Fact]
    public async Task Info_shows_the_cost_before_anything_is_built()
    {
        TestCheckpoint.Write(Checkpoint, TestCheckpoint.DinoV2(64, 3));
        var (code, output, _) = await AgentProcess.RunAsync("model", "info", Checkpoint, "--image", "700x700", "--scales", "0.5,1", "--json");
        Assert.Equal(0, code);
        using var info = JsonDocument.Parse(output);
        Assert.Equal([630, 2505], info.RootElement.GetProperty("views").EnumerateArray().Select(v => v.GetProperty("tokens").GetInt32()));
        Assert.True(info.RootElement.GetProperty("views")[1].GetProperty("gflop").GetDouble() > 1);
        Assert.Equal([Checkpoint], Directory.GetFiles(_folder.Path));
    }

    [Theory]
    [InlineData("nowhere.pth")]
    [InlineData("CHECKPOINT")]
    [InlineData("CHECKPOINT", "--image", "large")]
    [InlineData("CHECKPOINT", "--image", "1x")]
    [InlineData("CHECKPOINT", "--image", "100x100", "--layers", "3")]
    [InlineData("CHECKPOINT", "--image", "100x100", "--layers", "1,1")]
    [InlineData("CHECKPOINT", "--image", "100x100", "--scales", "0")]
    [InlineData("CHECKPOINT", "--image", "100x100", "--heads", "7")]
    [InlineData("CHECKPOINT", "--image", "100x100", "--id", "a/b")]
    [InlineData("TORN", "--image", "100x100")]
    [InlineData("CODE", "--image", "100x100")]
    public async Task What_cannot_be_built_ends_with_2_and_one_line(params string[] arguments)
    {
        TestCheckpoint.Write(Checkpoint, TestCheckpoint.DinoV2(64, 3));
        await File.WriteAllBytesAsync(_folder.File("torn.safetensors"), (await File.ReadAllBytesAsync(Checkpoint, TestContext.Current.CancellationToken))[..5000], TestContext.Current.CancellationToken);
        TestTorchFile.Write(_folder.File("code.pth"), "cos\nsystem\n(X\u0002\0\0\0idtR."u8.ToArray(), []);
        var given = arguments.Select(a => a switch { "CHECKPOINT" => Checkpoint, "TORN" => _folder.File("torn.safetensors"), "CODE" => _folder.File("code.pth"), _ => a });
        var (code, _, errors) = await AgentProcess.RunAsync(["model", "build", .. given, "--out", _folder.File("encoder")]);
        Assert.Equal(2, code);
        Assert.StartsWith("mrfad: ", Assert.Single(errors.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("encoder")));
    }

    [Fact]
    public async Task A_model_is_fetched_through_the_proxy_of_its_scheme_and_not_where_none_is_wanted()
    {
        var model = new byte[100_000];
        new Random(1).NextBytes(model);
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue("models.example");
        using var identity = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(certificate, key).Export(X509ContentType.Pkcs12), null);
        await using var plain = await FileServer.StartAsync(model);
        await using var secure = await FileServer.StartAsync(model, identity);
        await using var http = new ForwardProxy(plain.Url.Port);
        await using var https = new ForwardProxy(secure.Url.Port);
        var environment = new Dictionary<string, string>
        {
            ["HTTP_PROXY"] = http.Url,
            ["http_proxy"] = http.Url,
            ["HTTPS_PROXY"] = https.Url,
            ["https_proxy"] = https.Url,
            ["NO_PROXY"] = "127.0.0.1",
            ["no_proxy"] = "127.0.0.1",
            ["SSL_CERT_FILE"] = authority.CaFile,
        };

        // The host does not exist: only the proxy can answer.
        await FetchAsync("a", "http://models.example/model.bin");
        Assert.Equal(["GET http://models.example/model.bin HTTP/1.1"], http.Requests);
        await FetchAsync("b", "https://models.example/model.bin");
        Assert.Equal(["CONNECT models.example:443 HTTP/1.1"], https.Requests);
        await FetchAsync("c", plain.Url.ToString());
        Assert.Equal((1, 1), (http.Requests.Count, https.Requests.Count));

        async Task FetchAsync(string folder, string url)
        {
            await File.WriteAllTextAsync(_folder.File("ours.json"), $$"""{ "models": [ { "name": "ours", "url": "{{url}}" } ] }""", TestContext.Current.CancellationToken);
            await using var mrfad = AgentProcess.Start(["model", "fetch", "ours", "--catalogue", _folder.File("ours.json"), "--out", _folder.File(folder)], environment);
            Assert.True(await mrfad.ExitAsync() == 0, mrfad.Log);
            Assert.Equal(model, await File.ReadAllBytesAsync(_folder.File($"{folder}/model.bin"), TestContext.Current.CancellationToken));
        }
    }

    /// <summary>Draws soft stripes, with a bright square if defective.</summary>
    private void Part(string name, int shift, bool defective)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        using var image = new Image(200, 150, 3);
        for (var y = 0; y < 150; y++)
        {
            for (var x = 0; x < 200; x++)
                image.Bytes.Slice(3 * ((y * 200) + x), 3).Fill(defective && x is > 80 and < 120 && y is > 60 and < 100 ? (byte)255 : (byte)(100 + (20 * Math.Sin((x + shift) / 9.0))));
        }

        File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
    }
}
