using MrfAd.Engine.Detectors;
using MrfAd.Engine.Encoders;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Search;
using MrfAd.Engine.Tests.Search;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Networks;

public sealed class NetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("tiny.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_after_the_last_layer_is_in_the_graph()
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV2(64, 4));
        using var network = Network.Open(File, new NetworkOptions());
        var (two, four) = (network.Build(28, 28, ["1"]).WeightBytes, network.Build(28, 28, ["1", "3"]).WeightBytes);
        Assert.Equal(2 * 4 * ((12 * 64 * 64) + (13 * 64)), four - two, tolerance: 200); // two blocks; and the shape of another output
    }

    [Fact]
    public void The_computed_costs_are_those_of_the_graph()
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV2(64, 2));
        using var dino = Network.Open(File, new NetworkOptions());
        var cost = dino.Cost(70, 42, ["1"]);
        Assert.Equal(5 + 15, cost.Positions);
        Assert.InRange((double)cost.WeightBytes / dino.Build(70, 42, ["1"]).WeightBytes, 0.98, 1.02);

        TestCheckpoint.Write(_folder.File("v3.safetensors"), TestCheckpoint.DinoV3(64, 2, swiglu: true));
        using var v3 = Network.Open(_folder.File("v3.safetensors"), new NetworkOptions());
        Assert.Equal(5 + 15, v3.Cost(80, 48, ["1"]).Positions);
        Assert.InRange((double)v3.Cost(80, 48, ["1"]).WeightBytes / v3.Build(80, 48, ["1"]).WeightBytes, 0.98, 1.02);

        TestCheckpoint.Write(_folder.File("c.safetensors"), TestCheckpoint.ConvNeXt(96, [3, 3, 9, 3]));
        using var convnext = Network.Open(_folder.File("c.safetensors"), new NetworkOptions());
        cost = convnext.Cost(224, 224, ["stage4"]);
        Assert.InRange(cost.Operations / 1e9, 8.8, 9.0); // 4.5 G multiplications and additions are published for ConvNeXt-T
        Assert.InRange((double)cost.WeightBytes / convnext.Build(0, 0, ["stage4"]).WeightBytes, 0.99, 1.01);

        TestCheckpoint.Write(_folder.File("r.safetensors"), TestCheckpoint.ResNet(64, 256, [3, 4, 6, 3]));
        using var resnet = Network.Open(_folder.File("r.safetensors"), new NetworkOptions());
        cost = resnet.Cost(224, 224, ["stage4"]);
        Assert.InRange(cost.Operations / 1e9, 8.1, 8.3); // 4.09 G multiplications and additions are published, and 2 M of them are the classifier's
        Assert.Equal(cost.WeightBytes, resnet.Build(0, 0, ["stage4"]).WeightBytes);
    }

    [Theory]
    [InlineData("blocks.1.norm2.bias", null, "'blocks.1.norm2.bias' is missing")]
    [InlineData("blocks.0.attn.qkv.weight", new long[] { 64, 192 }, "has shape [64, 192], want [192, 64]")]
    [InlineData("pos_embed", new long[] { 1, 13, 128 }, "has 12 positions, want a square number")]
    [InlineData("cls_token", new long[] { 64 }, "want [1, 1, 64]")]
    [InlineData("patch_embed.proj.weight", null, "'patch_embed.proj.weight' is missing")]
    public void A_weight_that_is_missing_or_misshapen_is_named(string tensor, long[]? shape, string reason) => AssertNamed(TestCheckpoint.DinoV2(64, 2), tensor, shape, reason);

    [Theory]
    [InlineData("blocks.1.norm2.bias", null, "'blocks.1.norm2.bias' is missing")]
    [InlineData("blocks.1.attn.qkv.bias", null, "'blocks.1.attn.qkv.bias' is missing")]
    [InlineData("blocks.1.attn.qkv.bias_mask", null, "'blocks.1.attn.qkv.bias_mask' is missing")]
    [InlineData("blocks.0.mlp.fc2.bias", null, "'blocks.0.mlp.fc2.bias' is missing")]
    [InlineData("blocks.1.ls2.gamma", null, "'blocks.1.ls2.gamma' is missing")]
    [InlineData("blocks.0.attn.qkv.weight", new long[] { 64, 192 }, "has shape [64, 192], want [192, 64]")]
    [InlineData("storage_tokens", new long[] { 1, 8, 32 }, "'storage_tokens' has shape [1, 8, 32], want [1, tokens, 64]")]
    [InlineData("cls_token", new long[] { 64 }, "want [1, 1, 64]")]
    [InlineData("patch_embed.proj.weight", null, "'patch_embed.proj.weight' is missing")]
    [InlineData("rope_embed.periods", new long[] { 2, 2 }, "want 1 axes")]
    public void A_weight_of_a_DINOv3_that_is_missing_or_misshapen_is_named(string tensor, long[]? shape, string reason) => AssertNamed(TestCheckpoint.DinoV3(64, 2), tensor, shape, reason);

    [Theory]
    [InlineData("stages.3.0.gamma", null, "'stages.3.0.gamma' is missing")]
    [InlineData("stages.1.0.norm.weight", new long[] { 4, 4 }, "has shape [4, 4], want [16]")]
    [InlineData("downsample_layers.2.1.weight", null, "'downsample_layers.2.1.weight' is missing")]
    [InlineData("stages.2.0.dwconv.weight", null, "no tensor 'stages.2.0.dwconv.weight'")]
    public void A_weight_of_a_ConvNeXt_that_is_missing_or_misshapen_is_named(string tensor, long[]? shape, string reason) => AssertNamed(TestCheckpoint.ConvNeXt(8, [1, 1, 1, 1]), tensor, shape, reason);

    [Fact]
    public void Periods_and_masks_that_are_no_numbers_are_named()
    {
        var tensors = TestCheckpoint.DinoV3(64, 1);
        tensors["rope_embed.periods"].Values[1] = 0;
        AssertNamed(tensors, "", null, "'rope_embed.periods' has a value that is no period");
        tensors = TestCheckpoint.DinoV3(64, 1);
        tensors["blocks.0.attn.qkv.bias_mask"].Values[70] = float.NaN;
        AssertNamed(tensors, "", null, "'blocks.0.attn.qkv.bias_mask' has a value that is not a number");
    }

    [Fact]
    public void The_heads_of_a_DINOv3_are_told_by_its_periods()
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV3(48, 1));
        using (var network = Network.Open(File, new NetworkOptions()))
            Assert.Equal("DINOv3 with 4 registers, ViT 48/16, 1 blocks, 3 heads, Meta's names", network.Variant);
        Assert.Contains("has 4 periods in 'rope_embed.periods', want 6", Assert.Throws<TensorFormatException>(() => Network.Open(File, new NetworkOptions { Heads = 2 })).Message, StringComparison.Ordinal);

        var tensors = TestCheckpoint.DinoV3(48, 1);
        tensors.Remove("rope_embed.periods");
        TestCheckpoint.Write(File, tensors);
        Assert.Contains("--heads", Assert.Throws<TensorFormatException>(() => Network.Open(File, new NetworkOptions())).Message, StringComparison.Ordinal);
        Network.Open(File, new NetworkOptions { Heads = 3 }).Dispose();
    }

    [Theory]
    [InlineData("""{ "hidden_size": 48, "pos_embed_rope_normalize_coords": "mean" }""", "'pos_embed_rope_normalize_coords' is \"mean\", want separate or min or max")]
    [InlineData("""{ "hidden_size": 48, "hidden_act": "gelu_new" }""", "'hidden_act' is \"gelu_new\", want gelu or silu")]
    [InlineData("""{ "hidden_size": 48, "layer_norm_eps": "small" }""", "'layer_norm_eps' is \"small\", want a number")]
    [InlineData("[48]", "not the config.json of a model")]
    public void A_configuration_that_cannot_be_used_is_named(string config, string reason)
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV3(48, 1));
        System.IO.File.WriteAllText(_folder.File("config.json"), config);
        Assert.Contains(reason, Assert.Throws<TensorFormatException>(() => Network.Open(File, new NetworkOptions())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mrf-ad", "7,9,11", "15,19,23")]
    [InlineData("superad", "2,5,8,11", "5,11,17,23")]
    [InlineData("superadd", "2,5,8,11", "5,11,17,23")]
    [InlineData("anomalydino", "11", "23")]
    public void The_layers_of_a_method_are_known_for_any_depth(string method, string of12, string of24)
    {
        Assert.Equal(of12, string.Join(',', PaperLayers.Find(method)!.Of([.. Enumerable.Range(0, 12).Select(i => $"{i}")])));
        Assert.Equal(of24, string.Join(',', PaperLayers.Find(method)!.Of([.. Enumerable.Range(0, 24).Select(i => $"{i}")])));
    }

    [Fact]
    public void A_width_that_does_not_tell_the_heads_is_refused_until_they_are_named()
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV2(48, 1));
        Assert.Contains("--heads", Assert.Throws<TensorFormatException>(() => Network.Open(File, new NetworkOptions())).Message, StringComparison.Ordinal);
        Network.Open(File, new NetworkOptions { Heads = 3 }).Dispose();
    }

    [Fact]
    public void A_network_of_another_kind_is_refused_with_its_first_names()
    {
        TestCheckpoint.Write(File, new Dictionary<string, (float[], long[])> { ["gpt.weight"] = ([1], [1]) });
        Assert.Contains("gpt.weight", Assert.Throws<TensorFormatException>(() => Network.Open(File, new NetworkOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_beyond_what_an_ONNX_file_holds_are_refused() => Assert.Contains(
        "an ONNX file holds no more",
        Assert.Throws<OnnxModelException>(() => new GraphBuilder("large").Constant("w", new float[1 << 29], 1 << 29)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_built_encoder_has_a_graph_for_each_view_and_says_which_it_lacks()
    {
        var path = Build([0.5, 1]);
        using var encoder = Encoder.Open(path, null, 1);
        using var image = new Image(80, 60, 3);
        new Random(1).NextBytes(image.Bytes);
        using (var pyramid = new FeaturePyramid(encoder, new MrfAdOptions { Scales = [0.5, 1], MinSide = 28 }, 80, 60))
        {
            pyramid.Extract(image);
            var features = pyramid.Branch(3); // scale 1, layer 1
            Assert.Equal((6, 4, 64), (features.Width, features.Height, features.Dimension));
        }

        var error = Assert.Throws<OnnxModelException>(() => encoder.CreateExtractor(28, 28));
        Assert.Contains("no graph for a view of 28x28, only for 28x42, 56x84: build it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_for_whose_size_there_is_no_graph_does_not_spoil_the_next_one()
    {
        using var encoder = Encoder.Open(Build([0.5, 1]), null, 1);
        using var rows = TestRows.Store(TestRows.Uniform(new Random(1), 20, 64), 64, RowPrecision.Fp32);
        using var scorer = new MrfAdScorer(encoder, new MrfAdOptions { Scales = [0.5, 1], MinSide = 28, MixedSizes = true }, [rows.Exact, rows.Exact, rows.Exact, rows.Exact], 1, TimeProvider.System);
        using var image = new Image(80, 60, 3);
        using var other = new Image(200, 60, 3);
        var before = scorer.Score(image).Scores.ToArray();
        Assert.Throws<OnnxModelException>(() => scorer.Score(other));
        Assert.Equal(before, scorer.Score(image).Scores.ToArray());
    }

    [Fact]
    public void The_hash_of_an_encoder_covers_all_its_graphs()
    {
        var path = Build([0.5, 1]);
        var before = Encoder.Identify(path).Sha256;
        using (var file = System.IO.File.OpenWrite(_folder.File("tiny-56x84.onnx")))
        {
            file.Position = file.Length - 1000;
            file.WriteByte(77);
        }

        Assert.NotEqual(before, Encoder.Identify(path).Sha256);
    }

    [Theory]
    [InlineData("""{ "id": "x", "layers": { "a": "a" } }""", "want either 'model' or 'graphs'")]
    [InlineData("""{ "id": "x", "model": "x.onnx", "graphs": { "64x64": "x.onnx" }, "layers": { "a": "a" } }""", "want either 'model' or 'graphs'")]
    [InlineData("""{ "id": "x", "graphs": { "64x65": "x.onnx" }, "layers": { "a": "a" } }""", "the size '64x65'")]
    [InlineData("""{ "id": "x", "graphs": { "large": "x.onnx" }, "layers": { "a": "a" } }""", "the size 'large'")]
    [InlineData("""{ "id": "x", "graphs": { "64x64": "gone.onnx" }, "layers": { "a": "a" } }""", "gone.onnx does not exist")]
    public void A_descriptor_whose_graphs_cannot_be_used_is_refused(string descriptor, string reason)
    {
        System.IO.File.WriteAllText(_folder.File("bad.json"), descriptor);
        Assert.Contains(reason, Assert.Throws<OnnxModelException>(() => Encoder.Open(_folder.File("bad.json"), null, 1)).Message, StringComparison.Ordinal);
    }

    /// <summary>Asserts that a checkpoint is refused for <paramref name="reason"/> once <paramref name="tensor"/> has another shape or, where that is null, is gone.</summary>
    private void AssertNamed(Dictionary<string, (float[] Values, long[] Shape)> tensors, string tensor, long[]? shape, string reason)
    {
        if (shape is null)
            tensors.Remove(tensor);
        else
            tensors[tensor] = (tensors[tensor].Values, shape);
        TestCheckpoint.Write(File, tensors);
        var error = Assert.Throws<TensorFormatException>(() =>
        {
            using var network = Network.Open(File, new NetworkOptions());
            network.Build(network.SizeMultiple, 2 * network.SizeMultiple, [network.Layers[^1]]);
        });
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
    }

    private string Build(double[] scales)
    {
        TestCheckpoint.Write(File, TestCheckpoint.DinoV2(64, 2));
        using var network = Network.Open(File, new NetworkOptions());
        var views = ViewSizes.Of(80, 60, new MrfAdOptions { Scales = scales, MinSide = 28 }, network.SizeMultiple);
        return new EncoderBuild(network, "tiny", ["0", "1"], views).Write(_folder.Path, _ => { }, TestContext.Current.CancellationToken);
    }
}
