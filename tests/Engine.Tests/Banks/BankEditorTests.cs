using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Platform;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

public sealed class BankEditorTests : IDisposable
{
    private static readonly MrfAdOptions Options = new() { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 300 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(RowPrecision.Fp32)]
    [InlineData(RowPrecision.Int8)]
    public void An_image_added_and_taken_out_again_leaves_every_row_as_it_was(RowPrecision precision)
    {
        var path = Learn(Options with { Precision = precision });
        var (added, restored) = (_folder.File("added.mrfbank"), _folder.File("restored.mrfbank"));
        Append(path, added, "8.png");
        using (var bank = BankFile.Open(added))
            new BankEditor(bank, TimeProvider.System).Remove(["8.png"], restored);
        using var before = BankFile.Open(path);
        using var after = BankFile.Open(restored);
        Assert.Equal(3, after.Description.Version);
        Assert.Equal(before.ImageNames(), after.ImageNames());
        Assert.Equal(before.Description.Calibration.Scores, after.Description.Calibration.Scores);
        foreach (var name in before.BranchNames)
        {
            Assert.Equal(before.Sources(name).ToArray(), after.Sources(name).ToArray());
            for (var row = 0; row < before.Size(name).Rows; row++)
                Assert.Equal(before.Rows(name).Stored(row).ToArray(), after.Rows(name).Stored(row).ToArray());
        }
    }

    [Fact]
    public void What_was_added_is_normal_from_then_on_and_its_first_score_calibrates()
    {
        var path = Learn(Options with { RowsPerBank = null });
        var odd = WriteImage("odd.png", 77, spot: true);
        var before = Inspect(path, odd);
        Assert.True(before.IsDefective);
        var result = Append(path, path, "odd.png");
        Assert.Equal(9, result.Description.Images);
        Assert.Equal(before.Score, result.Description.Calibration.Scores[^1]);
        Assert.Equal(0, Inspect(path, odd).Score, 1e-3);
        Assert.True(result.Description.Calibration.Threshold > before.Threshold);
    }

    /// <summary>The same in every process, so that two stations that append an image have one bank.</summary>
    [Fact]
    public void The_patches_of_an_added_image_are_chosen_by_the_banks_seed()
    {
        var path = Learn(Options);
        Append(path, path, "8.png");
        using var bank = BankFile.Open(path);

        var sources = bank.Sources("l4.0.5").ToArray();
        Assert.Equal("1 2 3 4 6 8 9 11 14 15 18 20 22 24 28 30", string.Join(' ', Enumerable.Range(0, sources.Length / 2).Where(row => sources[2 * row] == 8).Select(row => sources[(2 * row) + 1]).Take(16)));
    }

    [Fact]
    public void The_pixels_of_an_added_image_count_as_those_of_every_other()
    {
        var path = Learn(Options);
        var odd = WriteImage("odd.png", 77, spot: true);
        Calibration before;
        float[] scores;
        using (var bank = BankFile.Open(path))
        using (var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1))
        using (var scorer = new MrfAdScorer(encoder, bank.Description.Options, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System))
        using (var image = ImageCodec.Read(odd))
            (before, scores) = (bank.Description.Calibration, scorer.Score(image).Scores.ToArray());

        var after = Append(path, path, "odd.png").Description.Calibration;

        var squares = (8 * ((before.PixelStd * before.PixelStd) + (before.PixelMean * before.PixelMean)) + scores.Average(s => (double)s * s)) / 9;
        var mean = ((8 * before.PixelMean) + scores.Average(s => (double)s)) / 9;
        Assert.Equal(mean, after.PixelMean, 1e-6 * mean);
        Assert.Equal(Math.Sqrt(squares - (mean * mean)), after.PixelStd, 1e-6 * mean);
        Assert.True(after.PixelStd > before.PixelStd);
    }

    [Fact]
    public void Only_patches_about_a_false_alarm_are_taught()
    {
        var path = Learn(Options with { RowsPerBank = null });
        using var bank = BankFile.Open(path);
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        using var odd = ImageCodec.Read(WriteImage("odd.png", 77));
        for (var y = 2; y < 10; y++)
            odd.Bytes.Slice(3 * ((y * 64) + 2), 3 * 8).Fill(255);
        File.WriteAllBytes(_folder.File("odd.png"), ImageCodec.Encode(odd, ImageFormat.Png));
        var threshold = bank.Description.Calibration.Threshold;

        var correction = new BankEditor(bank, TimeProvider.System).Teach(encoder, [new TaughtImage("odd.png", threshold, () => ImageCodec.Read(_folder.File("odd.png")))], 1, _folder.File("taught.mrfbank"), null, CancellationToken.None);

        using var taught = BankFile.Open(_folder.File("taught.mrfbank"));
        Assert.InRange(correction.Rows, 1, bank.BranchNames.Sum(name => bank.Size(name).Rows / 8) / 2);
        foreach (var name in taught.BranchNames)
        {
            var patches = taught.Sources(name).ToArray().Chunk(2).Where(source => source[0] == 8).Select(source => source[1]).ToList();
            Assert.Contains(0, patches); // the corner that differs
            Assert.DoesNotContain((bank.Size(name).Rows / 8) - 1, patches); // the opposite corner, which is unchanged
        }
    }

    [Fact]
    public void What_cannot_be_done_is_refused_by_name_and_the_bank_stays()
    {
        var path = Learn(Options);
        var before = File.ReadAllBytes(path);
        Assert.Contains("0.png", Assert.Throws<LearnException>(() => Append(path, path, "0.png")).Message, StringComparison.Ordinal);
        WriteImage("wide.png", 1, width: 72);
        Assert.Contains("72x64", Assert.Throws<LearnException>(() => Append(path, path, "wide.png")).Message, StringComparison.Ordinal);
        using (var bank = BankFile.Open(path))
        {
            var editor = new BankEditor(bank, TimeProvider.System);
            Assert.Contains("'nobody.png'", Assert.Throws<LearnException>(() => editor.Remove(["nobody.png"], path)).Message, StringComparison.Ordinal);
            Assert.Contains("3 would be left", Assert.Throws<LearnException>(() => editor.Remove(["0.png", "1.png", "2.png", "3.png", "4.png"], path)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(250_000, RowPrecision.Fp32)]
    [InlineData(130_000, RowPrecision.Int8)]
    public void A_budget_is_kept_and_its_cost_is_reported(long budget, RowPrecision precision)
    {
        var path = Learn(Options with { RowsPerBank = null, Reduction = RowReduction.Coreset }, budget);
        using var bank = BankFile.Open(path);
        Assert.InRange(new FileInfo(path).Length, budget / 3, budget);
        Assert.Equal(precision, bank.Description.Options.Precision);
        var cost = bank.Description.Reduction!;
        Assert.Equal(bank.BranchNames.Sum(name => (long)bank.Size(name).Rows), cost.Rows);
        if (precision == RowPrecision.Fp32)
            Assert.Equal((cost.PoolRows, 0.0), (cost.Rows, cost.MeanError));
        else
            Assert.True(cost.MeanError > 0 && cost.Percentile99Error > cost.MeanError);
    }

    [Fact]
    public void A_budget_too_small_for_anything_says_how_much_it_takes()
    {
        var error = Assert.Throws<LearnException>(() => Learn(Options, 70_000));
        Assert.Contains("a budget of 70000 bytes holds", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_patches_of_an_image_that_was_learned_are_explained_by_themselves()
    {
        var path = Learn(Options with { RowsPerBank = null });
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System);
        using var image = ImageCodec.Read(_folder.File("images/3.png"));
        var spot = Assert.Single(inspector.Explain(inspector.Inspect(image), 3));
        Assert.Equal(4, spot.Nearest.Count);
        Assert.All(spot.Nearest, near =>
        {
            Assert.Equal(("3.png", 0f), (near.Image, near.Distance));
            Assert.Equal(near.Patch, near.Place);
            Assert.InRange(spot.X, near.Patch.X, near.Patch.X + near.Patch.Width - 1);
        });
    }

    [Theory]
    [InlineData(1e6f, RowPrecision.Fp16, "cannot be stored: fp16 holds values up to 65504")]
    [InlineData(float.NaN, RowPrecision.Fp32, "a bank must be finite")]
    [InlineData(1e30f, RowPrecision.Int8, "a bank must be finite")]
    public void A_feature_that_cannot_be_stored_is_refused_with_its_image_and_patch(float gain, RowPrecision precision, string reason)
    {
        var error = Assert.Throws<LearnException>(() => Learn(Options with { RowsPerBank = null, Precision = precision }, gain: gain));
        Assert.Contains("0.png: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("patch 0 of branch", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("test.mrfbank")));
    }

    [Fact]
    public void Images_of_one_name_in_several_folders_are_different_images()
    {
        string[] names = ["day1/0.png", "day1/1.png", "day2/0.png", "day2/1.png", "day3/7.png", "8.png"];
        var path = LearnBelow(names, Options);

        using var bank = BankFile.Open(path);
        Assert.Equal(names, bank.ImageNames());
        var editor = new BankEditor(bank, TimeProvider.System);
        Assert.Contains("'1.png' may be 'day1/1.png' or 'day2/1.png'", Assert.Throws<LearnException>(() => editor.Remove(["1.png"], path)).Message, StringComparison.Ordinal);
        Assert.Contains("no image 'y1/1.png'", Assert.Throws<LearnException>(() => editor.Remove(["y1/1.png"], path)).Message, StringComparison.Ordinal);
        editor.Remove(["day2/1.png", "7.png"], _folder.File("fewer.mrfbank"));
        using var fewer = BankFile.Open(_folder.File("fewer.mrfbank"));
        Assert.Equal(["day1/0.png", "day1/1.png", "day2/0.png", "8.png"], fewer.ImageNames());
        Assert.Equal([0, 1, 2, 3], fewer.Sources(fewer.BranchNames[0]).ToArray().Where((_, i) => i % 2 == 0).Distinct());
    }

    [Fact]
    public void An_image_of_a_name_that_another_folder_has_is_added_explained_and_taught_as_another()
    {
        var path = LearnBelow(["day1/0.png", "day1/1.png", "day2/0.png", "day2/1.png", "day2/2.png"], Options with { RowsPerBank = null });
        Directory.CreateDirectory(_folder.File("images/day3"));
        WriteImage("day3/0.png", 30);
        Append(path, path, "day3/0.png");

        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System);
        foreach (var name in (string[])["day1/0.png", "day2/0.png", "day3/0.png"])
        {
            using var image = ImageCodec.Read(_folder.File($"images/{name}"));
            Assert.Equal(name, Assert.Single(inspector.Explain(inspector.Inspect(image), 1)).Nearest[0].Image);
        }

        using var bank = BankFile.Open(path);
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        var odd = WriteImage("day3/1.png", 77, spot: true);
        Assert.Equal(7, TeachAs("day3/1.png", _folder.File("taught.mrfbank")).Bank.Images);
        Assert.Throws<LearnException>(() => TeachAs("day2/1.png", path));

        BankCorrection TeachAs(string name, string to) => new BankEditor(bank, TimeProvider.System).Teach(
            encoder, [new TaughtImage(name, bank.Description.Calibration.Threshold, () => ImageCodec.Read(odd))], 1, to, version: null, CancellationToken.None);
    }

    [Fact]
    public void A_bank_of_fewer_rows_than_images_takes_further_ones_and_loses_those_that_have_none()
    {
        var path = LearnMany(60, Options with { RowsPerBank = 20 });
        WriteImage("odd.png", 77, spot: true);

        Assert.Equal(61, Append(path, path, "odd.png").Description.Images);

        using var bank = BankFile.Open(path);
        Assert.All(bank.BranchNames, branch => Assert.Equal(60, bank.Sources(branch)[^2]));
        var used = bank.BranchNames.SelectMany(branch => bank.Sources(branch).ToArray().Where((_, i) => i % 2 == 0)).ToHashSet();
        string[] removed = [bank.ImageNames()[Enumerable.Range(0, 60).First(i => !used.Contains(i))], bank.ImageNames()[used.First()]];
        new BankEditor(bank, TimeProvider.System).Remove(removed, _folder.File("fewer.mrfbank"));
        using var fewer = BankFile.Open(_folder.File("fewer.mrfbank"));
        Assert.Equal(bank.ImageNames().Except(removed), fewer.ImageNames());
        Assert.All(fewer.BranchNames, branch => Assert.Equal(58, fewer.Sources(branch)[^2]));
    }

    [Theory]
    [InlineData(60, 20)]
    [InlineData(400, 100)]
    [InlineData(60, 20, RowReduction.Coreset)]
    [InlineData(60, 20, RowReduction.Random, RowPrecision.Int8)]
    [InlineData(60, 20, RowReduction.Random, RowPrecision.Fp32, 80_000L)]
    public void Fewer_rows_than_images_are_spread_over_them(
        int count, int rows, RowReduction reduction = RowReduction.Random, RowPrecision precision = RowPrecision.Fp32, long? budget = null)
    {
        var path = LearnMany(count, Options with { RowsPerBank = rows, Reduction = reduction, Precision = precision }, budget);

        using var bank = BankFile.Open(path);
        Assert.Equal(count, bank.Description.Calibration.Scores.Count);
        Assert.All(bank.Description.Calibration.Scores, score => Assert.True(float.IsFinite(score)));
        foreach (var branch in bank.BranchNames)
        {
            Assert.Equal(rows, bank.Size(branch).Rows);
            var from = bank.Sources(branch).ToArray().Where((_, i) => i % 2 == 0).ToList();
            Assert.True(from.Distinct().Count() >= rows / 2, string.Join(' ', from));
        }
    }

    [Fact]
    public void Rows_too_few_to_hold_a_fold_out_are_refused()
    {
        Assert.Contains("all 1 rows of a bank come from one of the 5 folds", Assert.Throws<LearnException>(() => Learn(Options with { RowsPerBank = 1 })).Message, StringComparison.Ordinal);
    }

    private Inspection Inspect(string bank, string image)
    {
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), bank, 1, TimeProvider.System);
        using var read = ImageCodec.Read(image);
        return inspector.Inspect(read);
    }

    private LearnResult Append(string path, string target, string image)
    {
        using var bank = BankFile.Open(path);
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        return new BankEditor(bank, TimeProvider.System).Append(encoder, [(_folder.File($"images/{image}"), image)], 1, target, null, default);
    }

    private string Learn(MrfAdOptions options, long? budget = null, float gain = 1)
    {
        for (var i = 0; i < 9; i++)
            WriteImage($"{i}.png", i);
        var path = _folder.File("test.mrfbank");
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path, gain: gain), null, 1);
        var images = Enumerable.Range(0, 8).Select(i => _folder.File($"images/{i}.png")).ToList();
        new BankLearner(encoder, TimeProvider.System).Learn(
            new LearnRequest { Images = images, Id = "test", Created = default, Options = options, Budget = budget, Threads = 1 }, path, null, default);
        return path;
    }

    /// <summary>Learns images in folders below the one that they are named by.</summary>
    private string LearnBelow(string[] names, MrfAdOptions options)
    {
        foreach (var name in names)
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File($"images/{name}"))!);
        return LearnAll([.. names.Select((name, i) => WriteImage(name, i))], options, root: _folder.File("images"));
    }

    private string LearnMany(int count, MrfAdOptions options, long? budget = null) => LearnAll([.. Enumerable.Range(0, count).Select(i => WriteImage($"{i}.png", i))], options, budget);

    private string LearnAll(List<string> images, MrfAdOptions options, long? budget = null, string? root = null)
    {
        var path = _folder.File("all.mrfbank");
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        new BankLearner(encoder, TimeProvider.System).Learn(
            new LearnRequest { Images = images, Root = root, Id = "all", Created = default, Options = options, Budget = budget, Threads = 1 }, path, null, default);
        return path;
    }

    private string WriteImage(string name, int seed, bool spot = false, int width = 64)
    {
        var path = Path.Combine(Directory.CreateDirectory(_folder.File("images")).FullName, name);
        var random = new Random(seed);
        using var image = new Image(width, 64, 3);
        for (var i = 0; i < width * 64; i++)
        {
            var inside = spot && Math.Abs((i % width) - 32) < 6 && Math.Abs((i / width) - 32) < 6;
            image.Bytes.Slice(3 * i, 3).Fill((byte)(inside ? 255 : 90 + random.Next(20)));
        }

        AtomicFile.Write(path, ImageCodec.Encode(image, ImageFormat.Png));
        return path;
    }
}
