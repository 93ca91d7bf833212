using MrfAd.Engine.Banks;
using MrfAd.Engine.Hlgfa;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Hlgfa;

/// <summary>Images, encoders and models that are refused.</summary>
public sealed partial class HlgfaTrainerTests
{
    [Fact]
    public void A_loss_that_is_not_finite_ends_training_and_the_last_good_epoch_stays()
    {
        var error = Assert.Throws<LearnException>(() => Train(Small with { LearningRate = 1e30, LastLearningRate = 1e30 }));
        Assert.Contains("not finite in epoch", error.Message, StringComparison.Ordinal);
        using var checkpoint = TensorFile.Open(HlgfaTrainer.CheckpointOf(Model));
        foreach (var value in checkpoint.Values<float>("best", TensorType.F32))
            Assert.True(float.IsFinite(value));
    }

    [Fact]
    public void Features_that_are_not_finite_are_refused()
    {
        TinyEncoder.Write(_folder.Path, gain: 1e30f);
        Assert.Contains("finite", Assert.Throws<OnnxModelException>(() => Train(Small)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_images_are_refused_with_both_numbers()
    {
        foreach (var i in Enumerable.Range(5, 7))
            File.Delete(_folder.File($"images/{i:00}.png"));
        Assert.Contains("at least 8 good images to train on and to hold out, got 5", Assert.Throws<LearnException>(() => Train(Small)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_smaller_than_the_low_view_is_refused_by_name()
    {
        var error = Assert.Throws<LearnException>(() => Train(Small with { HighSide = 256 }));
        Assert.Contains("00.png is 64x64, smaller than the low view of 128x128", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_with_one_stage_is_refused()
    {
        File.WriteAllText(_folder.File("tiny.json"), """{ "id": "tiny", "model": "tiny.onnx", "layers": { "l8": "l8" }, "size_multiple": 8 }""");
        Assert.Contains("at least two", Assert.Throws<OnnxModelException>(() => Train(Small)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_another_encoder_is_refused_with_both_names()
    {
        Train(Small with { Epochs = 1 });
        var other = TinyEncoder.Write(Directory.CreateDirectory(_folder.File("other")).FullName, seed: 2);
        var error = Assert.Throws<BankFormatException>(() => HlgfaInspector.Open(other, Model, 1, TimeProvider.System));
        Assert.Contains("was trained with the encoder tiny", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_flipped_header_byte_is_refused_or_harmless_but_never_a_crash()
    {
        Train(Small with { Epochs = 1 });
        var bytes = File.ReadAllBytes(Model);
        var random = new Random(1);
        for (var i = 0; i < 1000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(5000)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Model, damaged);
            try
            {
                HlgfaFile.Open(Model);
            }
            catch (BankFormatException)
            {
                // the right answer
            }
        }
    }

    [Fact]
    public void A_model_damaged_in_any_way_is_refused_by_name_or_opened()
    {
        Train(Small with { Epochs = 1 });
        using var fuzz = new BankFuzz(7, File.ReadAllBytes(Model));
        fuzz.Run(1000);
        Assert.InRange(fuzz.Refused, 200, 1000);
        Assert.True(fuzz.Opened > 0);
    }

    [Theory]
    [InlineData(8, 65000)]
    [InlineData(50000, 40000)]
    public void A_description_of_more_than_the_file_holds_is_refused_before_memory_is_asked_for(int channels, int hidden)
    {
        Train(Small with { Epochs = 1 });
        var odd = Described(text => text
            .Replace("\"hidden_channels\":16", $"\"hidden_channels\":{hidden}", StringComparison.Ordinal).Replace("\"channels\":8", $"\"channels\":{channels}", StringComparison.Ordinal));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<BankFormatException>(() => HlgfaFile.Open(odd));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void A_model_is_refused_with_other_settings_of_its_encoder()
    {
        Train(Small with { Epochs = 1 });
        var settings = Path.ChangeExtension(Encoder, ".json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("\"size_multiple\"", "\"std\": [1, 1, 1], \"size_multiple\"", StringComparison.Ordinal));

        var refused = Assert.Throws<BankFormatException>(() => HlgfaInspector.Open(Encoder, Model, 1, TimeProvider.System));

        Assert.Contains("was trained with other settings of the encoder tiny", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bank_is_not_taken_for_a_model_nor_a_file_of_something_else()
    {
        File.WriteAllText(_folder.File("x"), "hello, this is not a model at all");
        Assert.False(HlgfaFile.Is(_folder.File("x")));
        Assert.Throws<BankFormatException>(() => HlgfaFile.Open(_folder.File("x")));
        Train(Small with { Epochs = 1 });
        Assert.True(HlgfaFile.Is(Model));
        Assert.Contains("want format 'mrfad-bank/2', 'mrfad-bank/3', 'mrfad-bank/4' or 'mrfad-bank/5', got 'mrfad-hlgfa/1'", Assert.Throws<BankFormatException>(() => BankFile.Open(Model)).Message, StringComparison.Ordinal);
    }
}
