using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Networks;

/// <summary>Activations of the public DINOv2 code on random weights; tolerances are those of the golden set's page.</summary>
public sealed class DinoV2GoldenTests(ITestOutputHelper log) : IDisposable
{
    private const float RawTolerance = 5e-5f;
    private const float NormedTolerance = 2.5e-5f;
    private const float PositionTolerance = 5e-6f;
    private const int Dimension = 96;

    private static readonly string[] Layers = ["7", "9", "11"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("A", "70x98", "")]
    [InlineData("A", "154x126", "")]
    [InlineData("A", "518x518", "_first64")]
    [InlineData("C", "70x98", "")]
    [InlineData("C", "154x126", "")]
    [InlineData("C", "518x518", "_first64")]
    public void The_outputs_are_those_of_the_public_code(string model, string size, string rows)
    {
        var checkpoint = Golden($"{model}/model.safetensors");
        foreach (var normed in new[] { false, true })
        {
            var outputs = Run(checkpoint, size, new NetworkOptions { FinalNorm = normed });
            for (var i = 0; i < Layers.Length; i++)
                Compare(outputs[i], $"{model}/blocks{Layers[i]}{(normed ? "_norm" : "")}_{size}{rows}.npy", normed ? NormedTolerance : RawTolerance);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Half_precision_weights_are_widened(bool normed)
    {
        var folder = CopyOfA("model_fp16.safetensors");
        var outputs = Run(Path.Combine(folder, "model_fp16.safetensors"), "70x98", new NetworkOptions { FinalNorm = normed });
        Compare(outputs[2], $"A/fp16_blocks11{(normed ? "_norm" : "")}_70x98.npy", normed ? NormedTolerance : RawTolerance);
    }

    [Fact]
    public void The_epsilon_of_the_configuration_is_honoured()
    {
        var folder = CopyOfA("model.safetensors");
        var config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("1e-06", "1e-03", StringComparison.Ordinal));
        var outputs = Run(Path.Combine(folder, "model.safetensors"), "70x98", new NetworkOptions { FinalNorm = true });
        Compare(outputs[2], "A/eps1e-3_blocks11_norm_70x98.npy", NormedTolerance);
    }

    [Fact]
    public void The_same_weights_under_Metas_names_give_the_same_outputs()
    {
        var path = _folder.File("meta.safetensors");
        WriteUnderMetasNames(Golden("A/model.safetensors"), path);
        var outputs = Run(path, "154x126", new NetworkOptions { Heads = 3 });
        Compare(outputs[2], "A/blocks11_154x126.npy", RawTolerance);
    }

    [Fact]
    public void A_pth_file_and_both_namings_of_the_same_weights_give_the_same_graph()
    {
        var graphs = new[] { "tiny_meta.pth", "tiny_meta.safetensors", "tiny_hf.safetensors" }.Select(file =>
        {
            using var network = Network.Open(Golden($"pth_small/{file}"), new NetworkOptions { Heads = 2 });
            network.Build(70, 42, ["0", "1"]).Write(_folder.File(file));
            return File.ReadAllBytes(_folder.File(file));
        }).ToList();
        Assert.Equal(graphs[0], graphs[1]);
        Assert.Equal(graphs[0], graphs[2]);
    }

    [Theory]
    [InlineData("A", 5, 7, "70x98", 0, 36)]
    [InlineData("A", 11, 9, "154x126", 0, 100)]
    [InlineData("A", 40, 38, "560x532_first40", 0, 40)]
    [InlineData("A", 40, 38, "560x532_last40", 1481, 40)]
    [InlineData("C", 5, 7, "70x98", 0, 36)]
    [InlineData("C", 11, 9, "154x126", 0, 100)]
    [InlineData("C", 40, 38, "560x532_first40", 0, 40)]
    [InlineData("C", 40, 38, "560x532_last40", 1481, 40)]
    public void Positional_embeddings_are_resampled_as_the_public_code_does(string model, int height, int width, string name, int firstRow, int count)
    {
        using var checkpoint = Checkpoint.Open(Golden($"{model}/model.safetensors"));
        var trained = checkpoint.Floats("embeddings.position_embeddings", 1, 1370, Dimension);
        float[] all = [.. trained[..Dimension], .. PositionalEmbedding.Resample(trained.AsSpan(Dimension), 37, Dimension, width, height, antialias: model == "A")];
        Compare(all.AsSpan(firstRow * Dimension, count * Dimension), $"{model}/posembed_{name}.npy", PositionTolerance);
    }

    private static string Golden(string name) => SharedFolder.Require($"golden/dinov2/{name}");

    private string CopyOfA(string model)
    {
        foreach (var file in new[] { model, "config.json" })
            File.WriteAllBytes(_folder.File(file), File.ReadAllBytes(Golden($"A/{file}")));
        return _folder.Path;
    }

    /// <returns>The patch tokens of each layer, [h·w, D].</returns>
    private float[][] Run(string checkpoint, string size, NetworkOptions options)
    {
        var (input, shape) = Npy.Read<float>(Golden($"inputs/input_{size}.npy"));
        using var network = Network.Open(checkpoint, options);
        network.Build(shape[3], shape[2], Layers).Write(_folder.File("model.onnx"));
        using var session = new OnnxSession(File.ReadAllBytes(_folder.File("model.onnx")), "model", 2);
        using var run = session.Prepare("image", [.. shape.Select(s => (long)s)], [.. Layers.Select(network.TensorOf)]);
        input.CopyTo(run.Input);
        run.Execute();
        return [.. Layers.Select((_, i) => run.Output(i)[(network.PrefixTokens * Dimension)..].ToArray())];
    }

    private void Compare(ReadOnlySpan<float> actual, string file, float tolerance)
    {
        var expected = Npy.Read<float>(Golden(file)).Values;
        double most = 0, product = 0, actualSquares = 0, expectedSquares = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            most = Math.Max(most, Math.Abs((double)actual[i] - expected[i]));
            product += (double)actual[i] * expected[i];
            actualSquares += (double)actual[i] * actual[i];
            expectedSquares += (double)expected[i] * expected[i];
        }

        log.WriteLine(FormattableString.Invariant($"{file}: max abs {most:0.00e0}, 1 - cosine {1 - (product / Math.Sqrt(actualSquares * expectedSquares)):0.0e0}"));
        Assert.True(most <= tolerance, $"{file}: differs by {most}, want at most {tolerance}");
    }

    private static void WriteUnderMetasNames(string source, string target)
    {
        using var checkpoint = Checkpoint.Open(source);
        var tensors = new Dictionary<string, (float[] Values, long[] Shape)>();
        foreach (var (name, tensor) in checkpoint.Tensors)
        {
            var values = checkpoint.Floats(name, tensor.Shape);
            if (!name.Contains("attention.attention.", StringComparison.Ordinal))
            {
                tensors[Meta(name)] = (values, [.. tensor.Shape]);
            }
            else if (name.Contains(".query.", StringComparison.Ordinal))
            {
                float[] Part(string kind) => checkpoint.Floats(name.Replace("query", kind, StringComparison.Ordinal), tensor.Shape);
                tensors[Meta(name).Replace("attention.attention.query", "attn.qkv", StringComparison.Ordinal)] =
                    ([.. values, .. Part("key"), .. Part("value")], [3 * tensor.Shape[0], .. tensor.Shape.Skip(1)]);
            }
        }

        TestCheckpoint.Write(target, tensors);

        static string Meta(string name) => new (string From, string To)[]
        {
            ("encoder.layer.", "blocks."), ("attention.output.dense", "attn.proj"), ("layer_scale1.lambda1", "ls1.gamma"), ("layer_scale2.lambda1", "ls2.gamma"),
            ("embeddings.patch_embeddings.projection", "patch_embed.proj"), ("embeddings.position_embeddings", "pos_embed"), ("embeddings.", ""), ("layernorm.", "norm."),
        }.Aggregate(name, (n, r) => n.Replace(r.From, r.To, StringComparison.Ordinal));
    }
}
