using System.Text.Json.Nodes;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Tensors;
using MrfAd.Platform;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

/// <summary>Banks whose features are whitened or have several shapes, or whose maps have weights.</summary>
public sealed class ShapedBankTests : IDisposable
{
    private static readonly MrfAdOptions Options = new()
    {
        Scales = [0.5, 1],
        MinSide = 8,
        RowsPerBank = null,
        Shapes = [FeatureShape.Plain, FeatureShape.Parse("pool3+unit+w4")],
        LevelMaps = true,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_learned_is_read_back()
    {
        using var bank = BankFile.Open(Learn(Options));

        Assert.Equal(["l4.0.5.plain", "l4.0.5.pool3+unit+w4", "l8.0.5.plain", "l8.0.5.pool3+unit+w4", "l4.1.plain", "l4.1.pool3+unit+w4", "l8.1.plain", "l8.1.pool3+unit+w4"], bank.BranchNames);
        Assert.Equal([8, 4, 16, 4, 8, 4, 16, 4], bank.BranchNames.Select(name => bank.Size(name).Dimension));
        Assert.Equal(Options.Shapes, bank.Description.Options.Shapes);
        Assert.True(bank.Description.Options.LevelMaps);
        Assert.Equal([null, (8, 4), null, (16, 4)], bank.Whitenings!.Take(4).Select(w => w is null ? null : ((int, int)?)(w.Dimension, w.Components)));
        using var file = TensorFile.Open(bank.Path);
        Assert.Equal("mrfad-bank/5", file.Metadata["format"]);
    }

    /// <summary>Rows and queries go through the same shaping: a learned image is at distance 0 from the bank in every branch.</summary>
    [Theory]
    [InlineData(RowReduction.Random)]
    [InlineData(RowReduction.Coreset)]
    public void A_learned_image_is_normal_in_every_branch(RowReduction reduction)
    {
        using var bank = BankFile.Open(Learn(Options with { Reduction = reduction }));
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        using var scorer = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System, null);

        Assert.Equal(0, Highest(scorer, "images/3.png"), 1e-3);
        Assert.All(scorer.BranchMaps, map => Assert.Equal(0, map.Max(), 1e-3));
    }

    /// <summary>The same image is scored as it would be by a scorer that knows only the file's rows, axes and weights.</summary>
    [Fact]
    public void A_score_is_the_weighted_mean_of_distances_on_the_banks_axes()
    {
        var path = Learn(Options);
        WriteImage("odd.png", 77, spot: true);
        using var bank = BankFile.Open(path);
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        using var scorer = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System, null);
        Highest(scorer, "images/odd.png");
        using var image = ImageCodec.Read(_folder.File("images/odd.png"));
        using var pyramid = new FeaturePyramid(encoder, bank.Description.Options with { Shapes = [FeatureShape.Parse("pool3+unit")] }, image.Width, image.Height);
        pyramid.Extract(image);

        var (branch, whitening) = (5, bank.Whitenings![5]!);
        var features = pyramid.Branch(branch / 2);
        var vector = new float[features.Dimension];
        for (var patch = 0; patch < features.Count; patch += 17)
        {
            features.CopyPatch(patch, vector);
            var query = Enumerable.Range(0, 4).Select(a => vector.Select((v, k) => (double)(v - whitening.Mean[k]) * whitening.Axes[(a * vector.Length) + k]).Sum()).ToArray();
            var nearest = Enumerable.Range(0, bank.Size(bank.BranchNames[branch]).Rows).Min(row => Distance(bank.Rows(bank.BranchNames[branch]), row, query));
            Assert.Equal(nearest, scorer.BranchMaps[branch][patch], 1e-4);
        }

        var unweighted = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System, null);
        using (unweighted)
        {
            unweighted.Weights = null;
            Assert.NotEqual(Highest(scorer, "images/odd.png"), Highest(unweighted, "images/odd.png"));
        }
    }

    [Fact]
    public void Levelled_maps_count_alike_on_good_parts()
    {
        using var bank = BankFile.Open(Learn(Options with { RowsPerBank = 400 }));
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        using var scorer = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System, null);
        var sums = new double[bank.BranchNames.Count];
        for (var seed = 100; seed < 108; seed++)
        {
            Highest(scorer, Path.GetRelativePath(_folder.Path, WriteImage("new.png", seed)));
            for (var b = 0; b < sums.Length; b++)
                sums[b] += scorer.BranchMaps[b].Average();
        }

        var weighted = sums.Zip(bank.Description.Weights!, (sum, weight) => sum * weight).ToArray();
        Assert.True(sums.Max() > 2 * sums.Min(), $"levels before: {string.Join(", ", sums)}");
        Assert.All(weighted, level => Assert.Equal(weighted.Average(), level, 0.1 * weighted.Average()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_certified_search_gives_the_score_of_the_full_one(bool spot)
    {
        var path = Learn(Options with { RowsPerBank = 400 });
        using var image = ImageCodec.Read(WriteImage("odd.png", 77, spot));
        using var full = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System);
        using var certified = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System, certified: true);

        var (wanted, got) = (full.Inspect(image), certified.Inspect(image));

        Assert.Equal((wanted.Score, wanted.Regions.Count), (got.Score, got.Regions.Count));
        Assert.Equal(spot, got.IsDefective);
    }

    [Fact]
    public void An_image_added_and_one_taught_are_normal_from_then_on()
    {
        var path = Learn(Options);
        var odd = WriteImage("odd.png", 77, spot: true);
        Assert.True(Inspect(path, odd).IsDefective);
        using (var bank = BankFile.Open(path))
        using (var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1))
        {
            var editor = new BankEditor(bank, TimeProvider.System);
            editor.Append(encoder, [(odd, "odd.png")], 1, _folder.File("added.mrfbank"), null, default);
            editor.Teach(encoder, [new TaughtImage("odd.png", bank.Description.Calibration.Threshold, () => ImageCodec.Read(odd))], 1, _folder.File("taught.mrfbank"), null, default);
        }

        Assert.Equal(0, Inspect(_folder.File("added.mrfbank"), odd).Score, 1e-3);
        Assert.False(Inspect(_folder.File("taught.mrfbank"), odd).IsDefective);
    }

    /// <summary>The images of a bank and those that are inspected are resized alike, and an agent that does not know of it refuses the file.</summary>
    [Fact]
    public void Images_are_brought_to_one_area_before_the_scales()
    {
        using var bank = BankFile.Open(Learn(new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = null, Megapixels = 0.01 }));
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        using var scorer = MrfAdScorer.For(bank, encoder, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System, null);

        Assert.Equal(0, Highest(scorer, "images/3.png"), 1e-3);
        Assert.All(bank.Description.Views, v => Assert.Equal(Math.Sqrt(0.01e6 / (bank.Description.ImageWidth * bank.Description.ImageHeight)), v.Factor / v.Scale, 1e-9));
        using var file = TensorFile.Open(bank.Path);
        Assert.Equal("mrfad-bank/5", file.Metadata["format"]);
    }

    [Fact]
    public void Banks_with_axes_of_their_own_are_not_merged_nor_learned_in_shards()
    {
        using var one = BankFile.Open(Learn(Options));
        Assert.Contains("learn all images together", Assert.Throws<LearnException>(() => BankMerger.Merge([one, one], "both", null, default, _folder.File("both.mrfbank"))).Message, StringComparison.Ordinal);
        Assert.Contains("a shard cannot be", Assert.Throws<LearnException>(() => Learn(Options, shard: (0, 2))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_that_fits_no_tensors_is_refused()
    {
        var path = Learn(Options);

        Assert.Contains("want 8 numbers above 0", Refused(d => d["weights"]!.AsArray().Add(1)), StringComparison.Ordinal);
        Assert.Contains("want 8 numbers above 0", Refused(d => d["weights"]![3] = 0), StringComparison.Ordinal);
        Assert.Contains("a pool of 4, want an odd number", Refused(d => d["options"]!["shapes"]![1]!["pool_side"] = 4), StringComparison.Ordinal);
        Assert.Contains("names a shape of features twice", Refused(d => d["options"]!["shapes"]![1] = d["options"]!["shapes"]![0]!.DeepClone()), StringComparison.Ordinal);
        Assert.Contains("bank.l4.0.5.pool3+unit+w5", Refused(d => d["options"]!["shapes"]![1]!["axes"] = 5), StringComparison.Ordinal);
        Assert.Contains("images of -1 megapixels, want a number above 0", Refused(d => d["options"]!["megapixels"] = -1), StringComparison.Ordinal);
        Assert.EndsWith(
            "no shapes of features, weights or megapixels are described: want format 'mrfad-bank/2', got 'mrfad-bank/5'",
            Refused(d =>
            {
                d.Remove("weights");
                d["options"]!.AsObject().Remove("shapes");
            }),
            StringComparison.Ordinal);

        string Refused(Action<JsonObject> change)
        {
            TestModel.Vary(path, _folder.File("changed.mrfbank"), 1, change: change);
            return Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("changed.mrfbank"))).Message;
        }
    }

    private static double Distance(BankRows rows, int row, double[] query)
    {
        var values = rows.Get(row, new float[rows.Dimension]);
        var sum = 0.0;
        for (var k = 0; k < values.Length; k++)
            sum += (values[k] - query[k]) * (values[k] - query[k]);
        return Math.Sqrt(sum);
    }

    private float Highest(MrfAdScorer scorer, string image)
    {
        using var read = ImageCodec.Read(_folder.File(image));
        return scorer.Score(read).Scores.ToArray().Max();
    }

    private Inspection Inspect(string bank, string image)
    {
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), bank, 1, TimeProvider.System);
        using var read = ImageCodec.Read(image);
        return inspector.Inspect(read);
    }

    private string Learn(MrfAdOptions options, (int Index, int Count)? shard = null)
    {
        var images = Enumerable.Range(0, 12).Select(i => WriteImage($"{i}.png", i)).ToList();
        var path = _folder.File("test.mrfbank");
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        new BankLearner(encoder, TimeProvider.System).Learn(
            new LearnRequest { Images = images, Id = "test", Created = default, Options = options, Shard = shard ?? (0, 1), Threads = 1 }, path, null, default);
        return path;
    }

    private string WriteImage(string name, int seed, bool spot = false)
    {
        var path = Path.Combine(Directory.CreateDirectory(_folder.File("images")).FullName, name);
        var random = new Random(seed);
        using var image = new Image(64, 64, 3);
        for (var i = 0; i < 64 * 64; i++)
        {
            var inside = spot && Math.Abs((i % 64) - 32) < 6 && Math.Abs((i / 64) - 32) < 6;
            image.Bytes.Slice(3 * i, 3).Fill((byte)(inside ? 255 : 90 + random.Next(20)));
        }

        AtomicFile.Write(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
