using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Features;

public sealed class EncoderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Only_the_layers_asked_for_are_computed_and_their_values_do_not_depend_on_that()
    {
        var path = TinyEncoder.Write(_folder.Path);
        using var image = new Image(64, 32, 3);
        new Random(1).NextBytes(image.Bytes);
        using var all = Encoder.Open(path, null, 1);
        using var one = Encoder.Open(path, ["l8"], 1);
        using var a = new Owned(all);
        using var b = new Owned(one);
        Assert.Equal(a.Features(image, layer: 1), b.Features(image, layer: 0));
    }

    [Fact]
    public void An_inner_tensor_can_be_a_layer()
    {
        TinyEncoder.Write(_folder.Path);
        File.WriteAllText(_folder.File("inner.json"), """{ "id": "x", "model": "tiny.onnx", "layers": { "before": "l4.sum", "after": "l4" }, "size_multiple": 8 }""");
        using var image = new Image(64, 32, 3);
        new Random(1).NextBytes(image.Bytes);
        using var encoder = Encoder.Open(_folder.File("inner.json"), null, 1);
        using var extractor = new Owned(encoder);
        var (before, after) = (extractor.Features(image, 0), extractor.Features(image, 1));
        Assert.Contains(before, v => v < 0);
        Assert.Equal(before.Select(v => Math.Max(0, v)), after);
    }

    [Fact]
    public void A_grey_image_is_the_same_as_its_three_equal_channels()
    {
        using var grey = new Image(64, 32, 1);
        new Random(1).NextBytes(grey.Bytes);
        using var colour = new Image(64, 32, 3);
        using var deep = new Image(64, 32, 1, PixelDepth.Sixteen);
        for (var i = 0; i < 64 * 32; i++)
        {
            colour.Bytes.Slice(3 * i, 3).Fill(grey.Bytes[i]);
            deep.Samples16[i] = (ushort)(257 * grey.Bytes[i]);
        }

        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        using var extractor = new Owned(encoder);
        var expected = extractor.Features(grey, 0);
        Assert.Equal(expected, extractor.Features(colour, 0));
        Assert.All(expected.Zip(extractor.Features(deep, 0)), p => Assert.Equal(p.First, p.Second, 1e-4f));
    }

    [Theory]
    [InlineData("""{ "id": "x", "model": "tiny.onnx", "layers": { "a": "l4" }, "strid": 8 }""", "strid")]
    [InlineData("""{ "id": "x", "model": "tiny.onnx", "layers": {} }""", "names no layer")]
    [InlineData("""{ "id": "x", "model": "tiny.onnx", "layers": { "a": "nope" } }""", "no tensor 'nope'; its outputs are l4, l8")]
    [InlineData("""{ "id": "x", "model": "gone.onnx", "layers": { "a": "l4" } }""", "gone.onnx does not exist")]
    [InlineData("""{ "id": "x", "model": "tiny.onnx", "input": "nope", "layers": { "a": "l4" } }""", "no input 'nope'; it has image")]
    [InlineData("not json", "not an encoder descriptor")]
    [InlineData("""{ "id": "x", "model": "tiny.onnx", "layers": ["l4"] }""", "'layers' in line 1 is a value of another kind than wanted")]
    [InlineData("[]", "the whole in line 1 is a value of another kind than wanted")]
    public void A_descriptor_that_does_not_fit_is_refused_with_the_reason(string descriptor, string reason)
    {
        TinyEncoder.Write(_folder.Path);
        File.WriteAllText(_folder.File("bad.json"), descriptor);
        Assert.Contains(reason, Assert.Throws<OnnxModelException>(() => Encoder.Open(_folder.File("bad.json"), null, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_is_refused_by_name()
    {
        File.WriteAllText(_folder.File("x.onnx"), "hello");
        Assert.Contains("x.onnx", Assert.Throws<OnnxModelException>(() => Encoder.Open(_folder.File("x.onnx"), null, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_layer_is_refused_with_the_known_ones()
    {
        var path = TinyEncoder.Write(_folder.Path);
        Assert.Contains("it has l4, l8", Assert.Throws<OnnxModelException>(() => Encoder.Open(path, ["l5"], 1)).Message, StringComparison.Ordinal);
    }

    private sealed class Owned(Encoder encoder) : IDisposable
    {
        private readonly FeatureExtractor _extractor = encoder.CreateExtractor(64, 32);

        public float[] Features(Image image, int layer)
        {
            _extractor.Extract(image);
            return _extractor.Layer(layer).Values.ToArray();
        }

        public void Dispose() => _extractor.Dispose();
    }
}
