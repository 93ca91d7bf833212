using MrfAd.Engine.Banks;
using MrfAd.Engine.Hlgfa;
using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Graphs;
using MrfAd.Onnx.Tensors;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Hlgfa;

public sealed partial class HlgfaTrainerTests : IDisposable
{
    private static readonly HlgfaOptions Small = new() { HighSide = 64, Epochs = 12, HiddenChannels = 16, GuidanceChannels = 4, NoisyVersions = 1, Batch = 4, MicroBatch = 2, HeldOut = 0.25, LearningRate = 0.01, LastLearningRate = 0.001 };

    private readonly TemporaryFolder _folder = new();

    public HlgfaTrainerTests()
    {
        TinyEncoder.Write(_folder.Path);
        Directory.CreateDirectory(_folder.File("images"));
        for (var i = 0; i < 12; i++)
            WriteImage($"images/{i:00}.png", i);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_defect_scores_above_the_threshold_where_it_is_and_a_good_part_below()
    {
        var result = Train(Small with { Epochs = 40 });
        Assert.Equal(12, result.Description.Images);
        Assert.Equal(3, result.Description.Calibration.Scores.Count);
        using var inspector = HlgfaInspector.Open(Encoder, Model, 1, TimeProvider.System);
        Assert.Equal(("test", 1), (inspector.Info.BankId, inspector.Info.BankVersion));
        var good = Inspect(inspector, WriteImage("good.png", 99));
        Assert.False(good.IsDefective, $"{good.Score} >= {good.Threshold}");
        var inspection = Inspect(inspector, WriteImage("bad.png", 98, defect: true));
        Assert.True(inspection.IsDefective, $"{inspection.Score} < {inspection.Threshold}");
        Assert.InRange(inspection.Regions[0].X + (inspection.Regions[0].Width / 2), 20, 44);
        Assert.InRange(inspection.Regions[0].Y + (inspection.Regions[0].Height / 2), 20, 44);
        Assert.Throws<ImageMismatchException>(() => inspector.Inspect(new Image(32, 32, 3)));
    }

    [Fact]
    public void The_statistics_of_good_images_are_learned_too()
    {
        var described = Train(Small).Description;
        Assert.Matches("^[0-9a-f]{64}$", described.TrainingSha256);
        using var inspector = HlgfaInspector.Open(Encoder, Model, 1, TimeProvider.System);
        var statistics = inspector.Info.ReferenceStatistics!;
        using var good = ImageCodec.Read(WriteImage("good.png", 99));
        Assert.Null(statistics.FaultOf(good));
        using var dark = new Image(64, 64, 3);
        dark.Bytes.Clear();
        Assert.Equal(ImageFaultKind.Dark, statistics.FaultOf(dark)!.Kind);
    }

    [Fact]
    public void Training_lowers_every_term_of_the_loss()
    {
        var (first, last) = (Train(Small with { Epochs = 1 }).Description.Training, Train(Small with { Epochs = 25 }).Description.Training);
        Assert.Equal(["cosine", "gram", "js", "l1"], first.Losses.Keys.Order());
        Assert.All(first.Losses, term => Assert.True(last.Losses[term.Key] < term.Value, $"{term.Key}: {term.Value} to {last.Losses[term.Key]}"));
        Assert.True(last.HeldOutLoss < first.HeldOutLoss);
    }

    [Fact]
    public void The_same_seed_trains_the_same_model_and_another_another()
    {
        Train(Small);
        var first = HlgfaWeights();
        Train(Small);
        Assert.Equal(first, HlgfaWeights());
        Train(Small with { Seed = 2 });
        Assert.NotEqual(first, HlgfaWeights());
    }

    [Fact]
    public void The_rate_of_the_first_update_is_the_first_and_that_of_later_ones_is_annealed()
    {
        var once = Small with { Epochs = 1, Batch = 9 };
        Assert.Equal(Weights(once), Weights(once with { LastLearningRate = 0.009 }));
        Assert.NotEqual(Weights(once), Weights(once with { LearningRate = 0.009 }));
        Assert.NotEqual(Weights(once with { Epochs = 3 }), Weights(once with { Epochs = 3, LastLearningRate = 0.009 }));

        float[] Weights(HlgfaOptions options)
        {
            Train(options);
            return HlgfaWeights();
        }
    }

    [Fact]
    public void A_batch_accumulated_in_parts_trains_as_one_in_memory()
    {
        var eight = Small with { Epochs = 1, HeldOut = 1.0 / 3 }; // of 12: batches of 4 come out even
        Train(eight with { MicroBatch = 4 });
        var whole = HlgfaWeights();
        foreach (var part in new[] { 1, 3 })
        {
            Train(eight with { MicroBatch = part });
            Assert.All(whole.Zip(HlgfaWeights()), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        }
    }

    [Fact]
    public void A_training_that_was_stopped_goes_on_and_ends_as_an_unbroken_one()
    {
        Train(Small);
        var unbroken = HlgfaWeights();
        File.Delete(Model);
        using var stop = new CancellationTokenSource();
        var progress = new Callback(p =>
        {
            if (p is { Stage: "training", Done: 7 })
                stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Train(Small, progress: progress, cancellation: stop.Token));
        Assert.False(File.Exists(Model));
        Assert.True(File.Exists(HlgfaTrainer.CheckpointOf(Model)));

        var error = Assert.Throws<LearnException>(() => Train(Small with { GramWeight = 0 }));
        Assert.Contains("other settings", error.Message, StringComparison.Ordinal);

        var epochs = new List<int>();
        Train(Small, progress: new Callback(p => epochs.AddRange(p.Stage == "training" ? [p.Done] : [])));
        Assert.Equal([8, 9, 10, 11, 12], epochs);
        Assert.Equal(unbroken, HlgfaWeights());
        Assert.False(File.Exists(HlgfaTrainer.CheckpointOf(Model)));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), f => Path.GetFileName(f).StartsWith(".features", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_stops_early_when_held_out_parts_get_no_better()
    {
        var training = Train(Small with { Epochs = 500, LearningRate = 0.05, LastLearningRate = 0.05, Patience = 3 }).Description.Training;
        Assert.Equal(training.BestEpoch + 3, training.Epochs);
        Assert.Contains($"epoch {training.BestEpoch}", training.Stopped, StringComparison.Ordinal);
    }

    [Fact]
    public void Sizes_that_differ_are_trained_on_only_where_allowed()
    {
        WriteImage("images/12.png", 12, width: 80);
        Assert.Contains("12.png is 80x64", Assert.Throws<LearnException>(() => Train(Small)).Message, StringComparison.Ordinal);
        Assert.Equal(13, Train(Small with { MixedSizes = true, Epochs = 1 }).Description.Images);
    }

    [Fact]
    public void An_encoder_of_an_old_operator_set_is_trained_with_like_a_new_one_and_a_very_old_one_is_refused()
    {
        Train(Small with { Epochs = 1 });
        var map = Map();
        TinyEncoder.Write(_folder.Path, operatorSet: 11);
        Train(Small with { Epochs = 1 });
        Assert.All(map.Zip(Map()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        TinyEncoder.Write(_folder.Path, operatorSet: 9);
        Assert.Contains("operator set 9, want 11 or later", Assert.Throws<OnnxModelException>(() => Train(Small)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_alone_has_its_priors_from_itself_and_the_shallower_layer()
    {
        var stage = Assert.Single(Train(Small with { Epochs = 1 }, layers: ["l8"]).Description.Stages);
        Assert.Equal(("l8", "l4", 0), (stage.Layer, stage.DetailLayer, stage.Deeper));
    }

    [Theory]
    [InlineData("\"stages\":[null,")]
    [InlineData("\"stages\":[{\"layer\":\"l8\",\"channels\":1,\"height\":1,\"width\":1,\"low_height\":1,\"low_width\":1,\"detail_layer\":\"l4\",\"detail_channels\":1,\"detail_height\":1,\"detail_width\":1,\"deeper\":0},")]
    public void A_stage_that_is_null_or_there_twice_is_refused(string stages)
    {
        Train(Small with { Epochs = 1 });
        var odd = Described(text => text.Replace("\"stages\":[", stages, StringComparison.Ordinal));
        Assert.Contains("null, or one twice", Assert.Throws<BankFormatException>(() => HlgfaFile.Open(odd)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reliability_weights_the_map_between_nothing_and_all_of_it()
    {
        Train(Small with { Epochs = 2 });
        var plain = Map();
        Train(Small with { Epochs = 2, Reliability = true });
        var weighted = Map();
        Assert.NotEqual(plain, weighted);
        Assert.All(plain.Zip(weighted), pair => Assert.InRange(pair.Second, 0, pair.First * 1.0001f));
    }

    private string Encoder => _folder.File("tiny.onnx");

    private string Model => _folder.File("test.hlgfa");

    private HlgfaResult Train(HlgfaOptions options, IReadOnlyList<string>? layers = null, IProgress<LearnProgress>? progress = null, CancellationToken cancellation = default)
    {
        var images = Directory.GetFiles(_folder.File("images")).Order(StringComparer.Ordinal).ToList();
        return new HlgfaTrainer(Encoder, layers, TimeProvider.System)
            .Train(new HlgfaRequest { Images = images, Id = "test", Created = default, Options = options, Threads = 1 }, Model, progress, cancellation);
    }

    /// <returns>A model of the same tensors with another description.</returns>
    private string Described(Func<string, string> change)
    {
        var path = _folder.File("odd.hlgfa");
        using var file = TensorFile.Open(Model);
        TensorFileWriter.Write(
            path,
            [.. file.Tensors.Select(t => TensorSource.Of(t.Key, TensorType.F32, file.Values<float>(t.Key, TensorType.F32).ToArray()) with { Shape = t.Value.Shape })],
            new Dictionary<string, string> { ["format"] = HlgfaFile.Format, ["description"] = change(file.Metadata["description"]) });
        return path;
    }

    private float[] HlgfaWeights()
    {
        using var file = TensorFile.Open(Model);
        return [.. file.Tensors.Keys.Where(n => n.StartsWith("module.", StringComparison.Ordinal)).Order().SelectMany(n => file.Values<float>(n, TensorType.F32).ToArray())];
    }

    private float[] Map()
    {
        using var inspector = HlgfaInspector.Open(Encoder, Model, 1, TimeProvider.System);
        return Inspect(inspector, WriteImage("good.png", 99)).Map.Scores.ToArray();
    }

    private static Inspection Inspect(HlgfaInspector inspector, string path)
    {
        using var image = ImageCodec.Read(path);
        return inspector.Inspect(image);
    }

    /// <summary>Soft waves that lie elsewhere on each part; what is only noise cannot be foretold from a lower resolution.</summary>
    private string WriteImage(string name, int seed, bool defect = false, int width = 64)
    {
        var random = new Random(seed);
        using var image = new Image(width, 64, 3);
        var (dx, dy) = (random.NextDouble() * 2, random.NextDouble() * 2);
        for (var i = 0; i < image.ByteCount; i++)
            image.Bytes[i] = (byte)(140 + (40 * Math.Sin(((i / 3 % width) + dx) / 5)) + (40 * Math.Cos(((i / 3 / width) + dy) / 7)) + random.Next(3));
        for (var y = 26; defect && y < 38; y++)
            image.Bytes.Slice(3 * ((y * width) + 26), 3 * 12).Clear();
        File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
        return _folder.File(name);
    }

    private sealed class Callback(Action<LearnProgress> report) : IProgress<LearnProgress>
    {
        public void Report(LearnProgress value) => report(value);
    }
}
