using MrfAd.Onnx.Checkpoints;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Networks;

/// <summary>Activations of the public DINOv3 code on random weights, made by tests/Golden/dinov3.py; tolerances are those of DINOv2's golden set.</summary>
public sealed class DinoV3GoldenTests(ITestOutputHelper log) : IDisposable
{
    private const float RawTolerance = 5e-5f;
    private const float NormedTolerance = 2.5e-5f;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Checkpoints =>
    [
        "vits/meta/model.safetensors", "vits/hf/model.safetensors", "vitsplus/meta/model.pth", "vitsplus/hf/model.safetensors", "vitl_sat/meta/model.safetensors",
        "vit7b/meta/model.safetensors", "vit7b/hf/model.safetensors", "untied/meta/model.safetensors", "max/meta/model.safetensors", "min/meta/model.safetensors",
        "convnext/meta/model.safetensors", "convnext/hf/model.safetensors", "convnext_unscaled/meta/model.safetensors",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void The_outputs_are_those_of_the_public_code(string checkpoint)
    {
        var (raw, normed) = (0.0, 0.0);
        foreach (var fused in new[] { true, false })
        {
            raw = Math.Max(raw, Compare(checkpoint, new NetworkOptions { FusedAttention = fused }));
            normed = Math.Max(normed, Compare(checkpoint, new NetworkOptions { FusedAttention = fused, FinalNorm = true }));
        }

        log.WriteLine(FormattableString.Invariant($"{checkpoint}: max abs {raw:0.0e0} raw, {normed:0.0e0} with the last normalisation"));
        Assert.True(raw <= RawTolerance, $"differs by {raw}, want at most {RawTolerance}");
        Assert.True(normed <= NormedTolerance, $"normalised differs by {normed}, want at most {NormedTolerance}");
    }

    [Theory]
    [InlineData("vits", "model.safetensors")]
    [InlineData("vitsplus", "model.pth")]
    [InlineData("vit7b", "model.safetensors")]
    [InlineData("convnext", "model.safetensors")]
    public void Both_namings_of_the_same_weights_give_the_same_graph(string variant, string meta)
    {
        Assert.Equal(Graph(Golden($"{variant}/meta/{meta}")), Graph(Golden($"{variant}/hf/model.safetensors")));
    }

    [Fact]
    public void Layers_below_a_model_of_their_own_and_an_empty_tensor_of_registers_are_read()
    {
        // Newer versions of Hugging Face's code name the layers so; a model without registers has a tensor of none.
        using var checkpoint = Checkpoint.Open(Golden("vits/hf/model.safetensors"));
        var tensors = checkpoint.Tensors.ToDictionary(t => t.Key, t => (checkpoint.Floats(t.Key, t.Value.Shape), (long[])[.. t.Value.Shape]));
        File.Copy(Golden("vits/hf/config.json"), _folder.File("config.json"));
        TestCheckpoint.Write(_folder.File("newer.safetensors"), tensors.ToDictionary(t => t.Key.StartsWith("layer.", StringComparison.Ordinal) ? $"model.{t.Key}" : t.Key, t => t.Value));
        Assert.Equal(Graph(Golden("vits/hf/model.safetensors")), Graph(_folder.File("newer.safetensors")));

        tensors["embeddings.register_tokens"] = ([], [1, 0, 32]);
        TestCheckpoint.Write(_folder.File("none.safetensors"), tensors);
        using var network = Network.Open(_folder.File("none.safetensors"), new NetworkOptions());
        Assert.Equal(("DINOv3 without registers, ViT 32/16, 2 blocks, 2 heads, Hugging Face's names", 1), (network.Variant, network.PrefixTokens));
    }

    private byte[] Graph(string checkpoint)
    {
        using var network = Network.Open(checkpoint, new NetworkOptions());
        network.Build(64, 32, network.Layers).Write(_folder.File("model.onnx"));
        return File.ReadAllBytes(_folder.File("model.onnx"));
    }

    /// <returns>The largest difference of any value over all sizes.</returns>
    private double Compare(string checkpoint, NetworkOptions options)
    {
        var (input, shape) = Npy.Read<float>(Golden("input.npy"));
        using var expected = Checkpoint.Open(Golden($"{checkpoint.Split('/')[0]}/expected.safetensors"));
        using var network = Network.Open(Golden(checkpoint), options);
        var most = 0.0;
        foreach (var size in expected.Tensors.Keys.Where(k => k.StartsWith("norm ", StringComparison.Ordinal)).Select(k => k["norm ".Length..]))
        {
            var (height, width) = (int.Parse(size.Split('x')[0]), int.Parse(size.Split('x')[1]));
            network.Build(width, height, network.Layers).Write(_folder.File("model.onnx"));
            using var session = new OnnxSession(File.ReadAllBytes(_folder.File("model.onnx")), "model", 1);
            using var run = session.Prepare("image", [1, 3, height, width], [.. network.Layers.Select(network.TensorOf)]);
            for (var row = 0; row < 3 * height; row++)
                input.AsSpan(((row / height * shape[2]) + (row % height)) * shape[3], width).CopyTo(run.Input[(row * width)..]);
            run.Execute();
            for (var layer = 0; layer < network.Layers.Count; layer++)
            {
                if (options.FinalNorm && layer < network.Layers.Count - 1)
                    continue;
                var name = $"{(options.FinalNorm ? "norm" : $"{layer}")} {size}";
                var values = expected.Floats(name, expected.Find(name).Shape);
                Assert.Equal([1, .. expected.Find(name).Shape], run.OutputShapes[layer]);
                most = Math.Max(most, values.Zip(run.Output(layer).ToArray(), (e, a) => Math.Abs((double)e - a)).Max());
            }
        }

        return most;
    }

    private static string Golden(string name) => Path.Combine(Repository.Root, "tests/Golden/dinov3", name);
}
