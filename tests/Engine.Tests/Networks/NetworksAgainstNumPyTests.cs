using MrfAd.Onnx.Networks;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Networks;

/// <summary>Built graphs beside an independent forward pass (tests/Golden/networks.py) on random weights.</summary>
public sealed class NetworksAgainstNumPyTests(ITestOutputHelper log) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ResNet-50", 64)]
    [InlineData("Wide-ResNet-50-2", 128)]
    public void All_stages_of_a_full_ResNet_agree(string variant, int width)
    {
        TestCheckpoint.Write(_folder.File("model.safetensors"), TestCheckpoint.ResNet(width, 256, [3, 4, 6, 3]));
        Compare("resnet", 70, 52, variant, new NetworkOptions(), 2e-5);
    }

    [Fact]
    public void A_DINOv2_with_SwiGLU_agrees()
    {
        TestCheckpoint.Write(_folder.File("model.safetensors"), TestCheckpoint.DinoV2(48, 3, swiglu: true));
        Compare("dinov2", 70, 70, "DINOv2 with 4 registers, ViT 48/14, 3 blocks, 3 heads, SwiGLU, Meta's names", new NetworkOptions { Heads = 3 }, 1e-5);
    }

    /// <param name="tolerance">The tolerance of the largest difference, as a share of the largest value.</param>
    private void Compare(string kind, int width, int height, string variant, NetworkOptions options, double tolerance)
    {
        var random = new Random(2);
        var input = Enumerable.Range(0, 3 * width * height).Select(_ => (4 * random.NextSingle()) - 2).ToArray();
        Npy.Write<float>(_folder.File("input.npy"), input, 1, 3, height, width);
        Python.Run("networks.py", kind, _folder.Path);

        using var network = Network.Open(_folder.File("model.safetensors"), options);
        Assert.Equal(variant, network.Variant);
        network.Build(width, height, network.Layers).Write(_folder.File("model.onnx"));
        using var session = new OnnxSession(File.ReadAllBytes(_folder.File("model.onnx")), "model", 2);
        using var run = session.Prepare("image", [1, 3, height, width], [.. network.Layers.Select(network.TensorOf)]);
        input.CopyTo(run.Input);
        run.Execute();
        for (var i = 0; i < network.Layers.Count; i++)
        {
            var (expected, shape) = Npy.Read<float>(_folder.File($"{network.TensorOf(network.Layers[i])}.npy"));
            Assert.Equal([1, .. shape.Select(s => (long)s)], run.OutputShapes[i]);
            var actual = run.Output(i).ToArray();
            var difference = expected.Zip(actual, (e, a) => Math.Abs((double)e - a)).Max() / expected.Max(Math.Abs);
            log.WriteLine(FormattableString.Invariant($"{variant} {network.Layers[i]}: largest difference {difference:0.0e0} of the largest value"));
            Assert.True(difference <= tolerance, $"{network.Layers[i]}: differs by {difference} of the largest value, want at most {tolerance}");
        }
    }
}
