using System.Text.Json;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Golden;

/// <summary>The whole of equations 3 to 6 against a NumPy program that was written from the paper alone, on the same features.</summary>
public sealed class MrfAdAgainstNumPyTests
{
    // The tolerance for scores of about 0.2 to 10. The search compares rows by q·b − ‖b‖²/2 in fp32, so among rows whose squared distances differ by less than
    // the rounding of ‖q‖² (about 1e-4) it may name the second nearest: that moves a few small distances, and hardly the mean.
    private const float Tolerance = 2e-3f;
    private const float MeanTolerance = 2e-5f;

    [Fact]
    public void A_map_of_random_features_agrees()
    {
        using var folder = new TemporaryFolder();
        var images = Enumerable.Range(0, 6).Select(i => NoiseImage(folder.File($"{i}.png"), seed: i)).ToList();
        var different = NoiseImage(folder.File("other.png"), seed: 77, square: true);
        Compare(folder, TinyEncoder.Write(folder.Path), null, images, different, [0.5, 1.0]);
    }

    [Fact]
    public void A_map_of_a_broken_bottle_by_ResNet_50_agrees()
    {
        var model = SharedFolder.Require("models/resnet50v2_stage123.onnx");
        var data = SharedFolder.Require("data/mvtec/bottle");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("resnet.json"), $$"""{ "id": "ResNet-50-v2", "model": "{{model}}", "layers": { "stage2": "stage2", "stage3": "stage3" }, "size_multiple": 16 }""");
        var images = Directory.GetFiles(Path.Combine(data, "train/good")).Order().Take(4).ToList();
        Compare(folder, folder.File("resnet.json"), ["stage2", "stage3"], images, Path.Combine(data, "test/broken_small/000.png"), [0.3, 0.5]);
    }

    private static void Compare(
        TemporaryFolder folder, string encoderPath, IReadOnlyList<string>? layers, List<string> good, string test, IReadOnlyList<double> scales)
    {
        using var encoder = Encoder.Open(encoderPath, layers, threads: 2);
        var options = new MrfAdOptions { Scales = scales, MinSide = 16, RowsPerBank = 700 };
        var bankPath = folder.File("test.mrfbank");
        new BankLearner(encoder, TimeProvider.System).Learn(new LearnRequest { Images = good, Id = "test", Created = default, Options = options }, bankPath, null, default);
        using var bank = BankFile.Open(bankPath);
        using var image = ImageCodec.Read(test);

        using var scorer = new MrfAdScorer(encoder, options, [.. bank.BranchNames.Select(bank.CreateSearch)], 2, TimeProvider.System);
        var map = scorer.Score(image);

        WriteFeatures(folder, encoder, bank, image);
        Python.Run("mrf_ad.py", folder.Path, bankPath);
        var (expected, shape) = Npy.Read<float>(folder.File("map.npy"));
        Assert.Equal([image.Height, image.Width], shape);
        var worst = Enumerable.Range(0, expected.Length).MaxBy(i => MathF.Abs(expected[i] - map.Scores[i]));
        Assert.InRange(Enumerable.Range(0, expected.Length).Average(i => MathF.Abs(expected[i] - map.Scores[i])), 0, MeanTolerance);
        Assert.True(
            MathF.Abs(expected[worst] - map.Scores[worst]) < Tolerance,
            $"pixel {worst % image.Width}, {worst / image.Width}: NumPy {expected[worst]}, here {map.Scores[worst]}; pictures in {WritePictures(expected, map)}");
    }

    private static void WriteFeatures(TemporaryFolder folder, Encoder encoder, BankFile bank, Image image)
    {
        using var pyramid = new FeaturePyramid(encoder, bank.Description.Options, image.Width, image.Height);
        pyramid.Extract(image);
        var branches = new List<object>();
        foreach (var (name, i) in bank.BranchNames.Select((name, i) => (name, i)))
        {
            var features = pyramid.Branch(i);
            var rows = new float[features.Count * features.Dimension];
            for (var patch = 0; patch < features.Count; patch++)
                features.CopyPatch(patch, rows.AsSpan(patch * features.Dimension, features.Dimension));
            Npy.Write<float>(folder.File($"{name}.npy"), rows, features.Count, features.Dimension);
            branches.Add(new { name, width = features.Width, height = features.Height });
        }

        File.WriteAllText(folder.File("case.json"), JsonSerializer.Serialize(new { width = image.Width, height = image.Height, branches }));
    }

    /// <summary>Writes expected, actual and difference as pictures for inspection by eye.</summary>
    private static string WritePictures(float[] expected, AnomalyMap map)
    {
        var target = Directory.CreateTempSubdirectory("mrfad-golden-").FullName;
        var difference = new AnomalyMap(map.Width, map.Height, [.. expected.Select((e, i) => MathF.Abs(e - map.Scores[i]))]);
        foreach (var (name, scores, high) in new[] { ("expected", new AnomalyMap(map.Width, map.Height, expected), expected.Max()), ("actual", map, expected.Max()), ("difference", difference, 10 * Tolerance) })
        {
            using var picture = Heatmap.Render(scores, new(0, high));
            File.WriteAllBytes(Path.Combine(target, $"{name}.png"), ImageCodec.Encode(picture, ImageFormat.Png));
        }

        return target;
    }

    private static string NoiseImage(string path, int seed, bool square = false)
    {
        var random = new Random(seed);
        using var image = new Image(96, 64, 3);
        for (var y = 0; y < 64; y++)
        {
            for (var x = 0; x < 96; x++)
            {
                for (var c = 0; c < 3; c++)
                    image.Bytes[(((y * 96) + x) * 3) + c] = (byte)(square && x is > 40 and < 56 && y is > 20 and < 36 ? 250 : 100 + (20 * c) + random.Next(30));
            }
        }

        File.WriteAllBytes(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
