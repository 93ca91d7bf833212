using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Search;
using MrfAd.Engine.Verdicts;
using MrfAd.Onnx.Sessions;
using MrfAd.Platform;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Banks;

public sealed partial class BankFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_learned_is_read_back()
    {
        var path = Learn(new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 300 });
        using var bank = BankFile.Open(path);
        Assert.Equal(["l4.0.5", "l8.0.5", "l4.1", "l8.1"], bank.BranchNames);
        Assert.Equal((300, 8), bank.Size("l4.1"));
        Assert.Equal((8 * 32, 16), bank.Size("l8.1") with { Rows = 8 * 32 });
        Assert.Equal(8, bank.Description.Images);
        Assert.Equal(8, bank.Description.Calibration.Scores.Count);
        Assert.Equal("0.png", bank.Source("l4.1", 0).Image);
        Assert.Equal("7.png", bank.Source("l4.1", 299).Image);
    }

    [Fact]
    public void A_bank_behind_a_link_is_the_bank()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 300 });
        var link = File.CreateSymbolicLink(_folder.File("current.mrfbank"), path).FullName;

        using var bank = BankFile.Open(link);

        Assert.Equal(8, bank.Description.Images);
        Assert.Equal(new FileInfo(path).Length, FileLength.Of(link));
    }

    [Theory]
    [InlineData(RowPrecision.Fp16, SearchMethod.Exact)]
    [InlineData(RowPrecision.Int8, SearchMethod.Exact)]
    [InlineData(RowPrecision.Fp32, SearchMethod.IvfFlat)]
    public void Coarser_rows_and_the_approximate_search_judge_nearly_alike(RowPrecision precision, SearchMethod search)
    {
        var options = new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 300 };
        double[] Scores(MrfAdOptions o)
        {
            using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), Learn(o), 1, TimeProvider.System);
            return [.. Directory.GetFiles(_folder.File("images")).Order(StringComparer.Ordinal).Select(path =>
            {
                using var image = ImageCodec.Read(path);
                return (double)inspector.Inspect(image).Score;
            })];
        }

        var (fine, coarse) = (Scores(options), Scores(options with { Precision = precision, Search = search }));
        Assert.All(fine.Zip(coarse), pair => Assert.Equal(pair.First, pair.Second, 0.05 * pair.First));
        if (precision != RowPrecision.Fp32)
            Assert.NotEqual(fine, coarse);
    }

    [Fact]
    public void Rows_that_exceed_the_memory_they_may_take_are_searched_on_the_CPU_and_the_sizes_are_reported()
    {
        using var bank = BankFile.Open(Learn(new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 300 }));
        using var searches = new BankSearches(bank, new OnnxDevice { Provider = Provider.Cuda, SearchMemory = 10_000 });
        Assert.All(searches.Branches, s => Assert.IsType<ExactSearch>(s));
        Assert.Equal(["the bank's rows need 0.0 MB of the device's memory, it may take 0.0 MB"], searches.Placement!.Refusals);
        Assert.True(searches.Placement.FellBack);
    }

    [Theory]
    [InlineData(Provider.Cuda, true)]
    [InlineData(Provider.Tensorrt, true)]
    [InlineData(Provider.Auto, false)]
    public void Without_a_GPU_the_CPU_searches_and_says_why(Provider wanted, bool fallback)
    {
        Assert.SkipWhen(NvidiaDevice.Read().Driver != "none", "there is an NVIDIA driver here");
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 300 });
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System, device: new OnnxDevice { Provider = wanted });
        inspector.Prepare(_ => { });
        var search = inspector.Info.Graphs.Single(g => g.Graph == "search");
        Assert.Equal((Provider.Cpu, fallback), (search.Running, search.FellBack));
        Assert.StartsWith("cuda: ", Assert.Single(search.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_images_and_seed_give_the_same_rows()
    {
        var options = new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 200 };
        var (first, second) = (File.ReadAllBytes(Learn(options, "a")), File.ReadAllBytes(Learn(options, "a")));
        Assert.Equal(first, second);
    }

    [Fact]
    public void Every_image_is_calibrated_without_its_own_rows()
    {
        // One different image among equal ones: scored against its own rows it would be at distance 0.
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = null }, different: 5);
        using var bank = BankFile.Open(path);
        var scores = bank.Description.Calibration.Scores;
        Assert.Equal(scores.Max(), scores[5]);
        Assert.True(scores[5] > 2 * scores.Order().ElementAt(6));
    }

    [Fact]
    public void A_failed_write_leaves_the_old_bank_and_nothing_else()
    {
        var path = Learn(new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 100 });
        var before = File.ReadAllBytes(path);
        Assert.Throws<IOException>(() => AtomicFile.Write(path, file =>
        {
            file.Write("half of a "u8);
            throw new IOException("No space left on device");
        }));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path, ".*"), f => f.EndsWith(".tmp", StringComparison.Ordinal));
    }

    [Fact]
    public void Sizes_that_differ_are_refused_with_both_names()
    {
        Learn(new MrfAdOptions { Scales = [1], MinSide = 8 });
        WriteImage("8.png", 8, width: 72);
        var error = Assert.Throws<LearnException>(() => Learn(new MrfAdOptions { Scales = [1], MinSide = 8 }, write: false));
        Assert.Contains("64x64", error.Message, StringComparison.Ordinal);
        Assert.Contains("8.png is 72x64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixed_sizes_are_learned_where_allowed()
    {
        Learn(new MrfAdOptions { Scales = [1], MinSide = 8 });
        WriteImage("8.png", 8, width: 72);
        using var bank = BankFile.Open(Learn(new MrfAdOptions { Scales = [1], MinSide = 8, MixedSizes = true }, write: false));
        Assert.Equal(9, bank.Description.Images);
    }

    [Fact]
    public void Unreadable_images_are_named_all_at_once()
    {
        Learn(new MrfAdOptions { Scales = [1], MinSide = 8 });
        File.WriteAllText(_folder.File("images/x.png"), "not a picture");
        File.WriteAllBytes(_folder.File("images/y.png"), []);
        var error = Assert.Throws<LearnException>(() => Learn(new MrfAdOptions { Scales = [1], MinSide = 8 }, write: false));
        Assert.Contains("x.png", error.Message, StringComparison.Ordinal);
        Assert.Contains("y.png: the file is empty", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_that_may_not_be_read_is_named_with_the_other_unreadable_ones()
    {
        Learn(new MrfAdOptions { Scales = [1], MinSide = 8 });
        var path = UnreadableFile.Link(_folder.File("images/x.png"));
        var error = Assert.Throws<LearnException>(() => Learn(new MrfAdOptions { Scales = [1], MinSide = 8 }, write: false));
        Assert.Contains($"{path}: permission denied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_defect_scores_above_the_threshold_where_it_is_and_a_good_part_below()
    {
        var path = Learn(new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = null });
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System);
        WriteImage("good.png", 99);
        using var good = ImageCodec.Read(_folder.File("images/good.png"));
        Assert.False(inspector.Inspect(good).IsDefective);
        WriteImage("bad.png", 98, defect: true);
        using var bad = ImageCodec.Read(_folder.File("images/bad.png"));
        var inspection = inspector.Inspect(bad);
        Assert.True(inspection.IsDefective);
        var region = inspection.Regions[0];
        Assert.InRange(region.X + (region.Width / 2), 24, 40);
        Assert.InRange(region.Y + (region.Height / 2), 24, 40);
        Assert.Throws<ImageMismatchException>(() => inspector.Inspect(new Image(32, 32, 3)));
    }

    [Fact]
    public void A_frame_after_the_first_costs_few_allocations()
    {
        var path = Learn(new MrfAdOptions { Scales = [0.5, 1], MinSide = 8, RowsPerBank = null });
        using var inspector = MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System);
        using var image = ImageCodec.Read(_folder.File("images/0.png"));
        inspector.Inspect(image);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++)
            inspector.Inspect(image);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 0, 32_000);
    }

    private string Learn(MrfAdOptions options, string id = "test", int different = -1, bool write = true)
    {
        for (var i = 0; write && i < 8; i++)
            WriteImage($"{i}.png", i, defect: i == different);
        var path = _folder.File($"{id}.mrfbank");
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        var images = Directory.GetFiles(_folder.File("images")).Order(StringComparer.Ordinal).ToList();
        new BankLearner(encoder, TimeProvider.System).Learn(new LearnRequest { Images = images, Id = id, Created = default, Options = options, Threads = 1 }, path, null, default);
        return path;
    }

    private void WriteImage(string name, int seed, bool defect = false, int width = 64)
    {
        Directory.CreateDirectory(_folder.File("images"));
        var random = new Random(seed);
        using var image = new Image(width, 64, 3);
        for (var y = 0; y < 64; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var value = defect && Math.Abs(x - 32) < 6 && Math.Abs(y - 32) < 6 ? 255 : 90 + random.Next(20);
                image.Bytes.Slice(((y * width) + x) * 3, 3).Fill((byte)value);
            }
        }

        File.WriteAllBytes(_folder.File($"images/{name}"), ImageCodec.Encode(image, ImageFormat.Png));
    }
}
