using System.Text.Json;
using MrfAd.Engine.Encoders;
using MrfAd.Engine.Features;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Networks;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Networks;

public sealed class EncoderBuildTests : IDisposable
{
    private static readonly View[] Views = [new(1, 1, 70, 84), new(0.5, 0.5, 56, 42)];

    private readonly TemporaryFolder _folder = new();

    public EncoderBuildTests()
    {
        TestCheckpoint.Write(_folder.File("d.safetensors"), TestCheckpoint.DinoV2(64, 4));
        TestCheckpoint.Write(_folder.File("v3.safetensors"), TestCheckpoint.DinoV3(64, 4));
        TestCheckpoint.Write(_folder.File("c.safetensors"), TestCheckpoint.ConvNeXt(16, [1, 1, 2, 1]));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("d", GraphPrecision.Fp32, true)]
    [InlineData("d", GraphPrecision.Fp16, true)]
    [InlineData("d", GraphPrecision.Fp16, false)]
    [InlineData("d", GraphPrecision.Int8, true)]
    [InlineData("v3", GraphPrecision.Fp32, true)]
    [InlineData("v3", GraphPrecision.Fp16, true)]
    [InlineData("v3", GraphPrecision.Fp16, false)]
    [InlineData("v3", GraphPrecision.Int8, true)]
    [InlineData("c", GraphPrecision.Fp16, true)]
    [InlineData("c", GraphPrecision.Int8, true)]
    public void Every_form_is_near_the_published_one(string checkpoint, GraphPrecision precision, bool fused)
    {
        var compared = Compare(new NetworkOptions { Precision = precision, FusedAttention = fused }, checkpoint, checkpoint);
        Assert.Null(EncoderParity.Mismatch(precision, compared));
        Assert.True(compared.All(l => l.MeanCosine > 0.98));
        if (precision != GraphPrecision.Fp32)
            Assert.Contains(compared, l => l.MinCosine < 1 - 1e-8); // it really is another graph
    }

    [Fact]
    public void A_comparison_keeps_its_names_in_JSON() => Assert.Equal(
        """{"Layer":"block11","MeanCosine":1,"lowest_cosine":0.5,"MapChange":0}""", JsonSerializer.Serialize(new LayerParity("block11", 1, 0.5, 0)));

    [Fact]
    public void Another_network_is_refused()
    {
        TestCheckpoint.Write(_folder.File("other.safetensors"), TestCheckpoint.DinoV2(64, 4, seed: 2));
        Assert.Contains("too far from the fp32 graph", EncoderParity.Mismatch(GraphPrecision.Int8, Compare(new NetworkOptions(), "other")), StringComparison.Ordinal);
    }

    [Fact]
    public void Graphs_share_their_weights_and_a_changed_weight_changes_the_encoders_hash()
    {
        var path = Build("d", new NetworkOptions(), Views, "all");
        var graphs = Directory.GetFiles(_folder.File("all"), "*.onnx").Sum(f => new FileInfo(f).Length);
        var one = Build("d", new NetworkOptions(), Views[..1], "one");
        var single = Directory.GetFiles(_folder.File("one"), "*.onnx").Sum(f => new FileInfo(f).Length);
        var weights = new FileInfo(_folder.File("all/all.weights")).Length;
        Assert.InRange(weights + graphs, single, single * 1.3);
        using (var encoder = Encoder.Open(path, null, 1))
        using (var alone = Encoder.Open(one, null, 1))
            Assert.Equal(Values(alone), Values(encoder));

        var before = Encoder.Identify(path).Sha256;
        using (var file = File.OpenWrite(_folder.File("all/all.weights")))
            file.WriteByte(1);
        Assert.NotEqual(before, Encoder.Identify(path).Sha256);
        File.Delete(_folder.File("all/all.weights"));
        Assert.Contains("all.weights", Assert.Throws<OnnxModelException>(() => Encoder.Identify(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_the_descriptor_does_not_name_are_refused()
    {
        var path = Build("d", new NetworkOptions(), Views, "all");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"weights\": \"all.weights\",", "", StringComparison.Ordinal));
        Assert.Contains("all.weights", Assert.Throws<OnnxModelException>(() => Encoder.Open(path, null, 1)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("d")]
    [InlineData("v3")]
    public void A_built_graph_reports_its_cost(string checkpoint)
    {
        using var network = Network.Open(_folder.File($"{checkpoint}.safetensors"), new NetworkOptions());
        var view = ViewOf(network);
        foreach (var fused in new[] { true, false })
        {
            Build(checkpoint, new NetworkOptions { FusedAttention = fused }, [view], $"fused{fused}");
            var file = Directory.GetFiles(_folder.File($"fused{fused}"), "*.onnx")[0];
            Assert.Equal(network.Cost(view.Width, view.Height, network.DefaultLayers).Operations, OnnxGraph.Read(file).Operations(), 1);
        }
    }

    [Fact]
    public void The_views_of_a_DINOv3_have_sides_in_multiples_of_16()
    {
        using var network = Network.Open(_folder.File("v3.safetensors"), new NetworkOptions());
        var view = Assert.Single(ViewSizes.Of(150, 100, new MrfAdOptions { Scales = [0.5], MinSide = 1 }, network.SizeMultiple));
        Assert.Equal((80, 48), (view.Width, view.Height));
    }

    [Theory]
    [InlineData("CAk6ZgoQEgFjGgFjIghDb25zdGFudAoRCgF4CgFjEgF5GgF5IgNBZGQSAWdaHQoBeBIYChYIARISCgIIAQoCCAMKAwjgAQoDCOABYh0KAXkSGAoWCAESEgoCCAEKAggDCgMI4AEKAwjgAUICEBQ=")] // y = x + a Constant
    [InlineData("CAk6UwoQCgF4CgJ3MhIBeSIEQ29udhIBZ1odCgF4EhgKFggBEhIKAggBCgIIAwoDCOABCgMI4AFiHQoBeRIYChYIARISCgIIAQoCCAQKAwjeAQoDCN4BQgIQFA==")] // y = Conv(x, w2) without a w2
    public void A_graph_of_somebody_elses_has_no_cost(string model)
    {
        File.WriteAllBytes(_folder.File("other.onnx"), Convert.FromBase64String(model));

        Assert.Equal(0, OnnxGraph.Read(_folder.File("other.onnx")).Operations());
    }

    [Fact]
    public void Int8_is_refused_for_a_network_that_has_nothing_to_gain()
    {
        TestCheckpoint.Write(_folder.File("r.safetensors"), TestCheckpoint.ResNet(8, 32, [1, 1, 1, 1], stem: 8));
        Assert.Contains("int8", Assert.Throws<OnnxModelException>(() => Network.Open(_folder.File("r.safetensors"), new NetworkOptions { Precision = GraphPrecision.Int8 })).Message, StringComparison.Ordinal);
    }

    private IReadOnlyList<LayerParity> Compare(NetworkOptions options, string checkpoint = "d", string published = "d")
    {
        View view;
        using (var network = Network.Open(_folder.File($"{published}.safetensors"), options))
            view = ViewOf(network);
        using var reference = Encoder.Open(Build(published, new NetworkOptions { FusedAttention = false }, [view], "reference"), null, 1);
        using var built = Encoder.Open(Build(checkpoint, options, [view], "built"), null, 1);
        return EncoderParity.Compare(reference, built, EncoderParity.Noise(2, view.Width, view.Height), view.Width, view.Height);
    }

    /// <returns>A view that is not square.</returns>
    private static View ViewOf(INetwork network) => new(1, 1, 5 * network.SizeMultiple, 6 * network.SizeMultiple);

    private string Build(string checkpoint, NetworkOptions options, View[] views, string name)
    {
        using var network = Network.Open(_folder.File($"{checkpoint}.safetensors"), options);
        return new EncoderBuild(network, name, network.DefaultLayers, views).Write(_folder.File(name), _ => { }, default);
    }

    private static float[] Values(Encoder encoder)
    {
        using var extractor = encoder.CreateExtractor(70, 84);
        using var image = EncoderParity.Noise(1, 70, 84)[0];
        extractor.Extract(image);
        return extractor.Layer(0).Values.ToArray();
    }
}
