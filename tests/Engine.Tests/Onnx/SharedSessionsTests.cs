using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Sessions;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Onnx;

public sealed class SharedSessionsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SharedSessions _shared = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_encoder_that_two_have_in_common_is_loaded_once_and_freed_by_the_last()
    {
        var path = TinyEncoder.Write(_folder.Path);
        var alone = Features(path, null);
        var first = Open(path);
        var second = Open(path);
        Assert.Equal(1, _shared.Count);

        first.Dispose();
        first.Dispose();
        Assert.Equal(1, _shared.Count);
        Assert.Equal(alone, Features(second));
        second.Dispose();
        Assert.Equal(0, _shared.Count);

        using var third = Open(path);
        Assert.Equal(1, _shared.Count);
        Assert.Equal(alone, Features(third));
    }

    [Fact]
    public void A_copy_of_the_file_is_the_same_encoder_and_other_weights_layers_or_threads_are_another()
    {
        var path = TinyEncoder.Write(_folder.Path);
        Directory.CreateDirectory(_folder.File("other"));
        using var one = Open(path);
        File.Copy(path, _folder.File("other/tiny.onnx"));
        using var copy = Open(_folder.File("other/tiny.onnx"));
        Assert.Equal(1, _shared.Count);

        using var weights = Open(TinyEncoder.Write(_folder.File("other"), seed: 2));
        using var layers = Encoder.Open(path, ["l8"], 1, OnnxDevice.Cpu with { Shared = _shared });
        using var threads = Encoder.Open(path, null, 2, OnnxDevice.Cpu with { Shared = _shared });
        Assert.Equal(4, _shared.Count);
    }

    [Fact]
    public async Task Two_threads_that_use_it_at_once_get_what_each_gets_alone()
    {
        var path = TinyEncoder.Write(_folder.Path);
        var want = Enumerable.Range(0, 2).Select(i => Features(path, null, (byte)(50 * i))).ToList();
        using var first = Open(path);
        using var second = Open(path);

        var got = await Task.WhenAll(new[] { first, second }.Select((encoder, i) => Task.Run(() => Enumerable.Range(0, 50).Select(_ => Features(encoder, (byte)(50 * i))).ToList())));

        Assert.All(got[0], features => Assert.Equal(want[0], features));
        Assert.All(got[1], features => Assert.Equal(want[1], features));
        Assert.Equal(1, _shared.Count);
    }

    [Fact]
    public void An_encoder_that_cannot_be_loaded_leaves_nothing_behind()
    {
        var path = TinyEncoder.Write(_folder.Path);
        File.WriteAllText(Path.ChangeExtension(path, ".json"), """{ "id": "tiny", "model": "tiny.onnx", "input": "picture", "layers": { "l4": "l4" } }""");

        Assert.Throws<OnnxModelException>(() => Open(path));

        Assert.Equal(0, _shared.Count);
        TinyEncoder.Write(_folder.Path);
        using var good = Open(path);
        Assert.Equal(1, _shared.Count);
    }

    private Encoder Open(string path) => Encoder.Open(path, null, 1, OnnxDevice.Cpu with { Shared = _shared });

    private static float[] Features(string path, OnnxDevice? device, byte grey = 100)
    {
        using var encoder = Encoder.Open(path, null, 1, device);
        return Features(encoder, grey);
    }

    private static float[] Features(Encoder encoder, byte grey = 100)
    {
        using var extractor = encoder.CreateExtractor(32, 16);
        using var image = new Image(32, 16, 3);
        image.Bytes.Fill(grey);
        extractor.Extract(image);
        return extractor.Layer(1).Values.ToArray();
    }
}
