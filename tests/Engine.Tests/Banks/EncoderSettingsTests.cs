using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Learning;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>The file beside an encoder's graph decides which features an image has, as the graph does: a bank is refused when it was changed.</summary>
public sealed class EncoderSettingsTests : IDisposable
{
    private const string Settings = """{ "id": "tiny", "model": "tiny.onnx", "layers": { "l4": "l4", "l8": "l8" }, "size_multiple": 8 }""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"size_multiple\": 8", "\"size_multiple\": 8, \"mean\": [0.485, 0.457, 0.406]")]
    [InlineData("\"size_multiple\": 8", "\"size_multiple\": 8, \"std\": [0.229, 0.224, 0.226]")]
    [InlineData("\"size_multiple\": 8", "\"size_multiple\": 16")]
    [InlineData("\"size_multiple\": 8", "\"size_multiple\": 8, \"prefix_tokens\": 1")]
    [InlineData("\"l8\": \"l8\"", "\"l8\": \"l4\"")]
    public void A_bank_is_refused_with_other_settings_of_its_encoder(string from, string to)
    {
        var (bank, encoder) = Learn();
        File.WriteAllText(_folder.File("tiny.json"), Settings.Replace(from, to, StringComparison.Ordinal));

        var refused = Assert.Throws<BankFormatException>(() => MrfAdInspector.Open(encoder, bank, 1, TimeProvider.System).Dispose());

        Assert.Contains($"{bank} was learned with other settings of the encoder tiny than {encoder} has now", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"size_multiple\": 8", "\"size_multiple\": 8, \"mean\": [0.485, 0.456, 0.406], \"input\": \"image\", \"license\": \"none\"")]
    [InlineData("\"id\": \"tiny\"", "\"id\": \"another\"")]
    public void What_changes_no_feature_may_change(string from, string to)
    {
        var (bank, encoder) = Learn();
        File.WriteAllText(_folder.File("tiny.json"), Settings.Replace(from, to, StringComparison.Ordinal));

        MrfAdInspector.Open(encoder, bank, 1, TimeProvider.System).Dispose();
    }

    private (string Bank, string Encoder) Learn()
    {
        var (bank, path) = (_folder.File("test.mrfbank"), TinyEncoder.Write(_folder.Path));
        File.WriteAllText(_folder.File("tiny.json"), Settings);
        var images = Enumerable.Range(0, 4).Select(i => _folder.File($"{i}.png")).ToList();
        foreach (var (i, image) in images.Index())
            TestPart.Write(image, (byte)(100 + i));
        using var encoder = Encoder.Open(path, null, 1);
        new BankLearner(encoder, TimeProvider.System).Learn(
            new LearnRequest { Images = images, Id = "test", Created = default, Options = new MrfAdOptions { Scales = [1], MinSide = 8 }, Threads = 1 }, bank, null, default);
        return (bank, path);
    }
}
