using MrfAd.Engine.Alignment;
using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Engine.Verdicts;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Masks;

/// <summary>Parts are grey noise of 64x64 px.</summary>
public sealed class RegionInspectionTests : IDisposable
{
    private const int Side = 64;
    private static readonly MrfAdOptions Options = new() { Scales = [0.5, 1], MinSide = 8, RowsPerBank = null };

    /// <summary>The right half, which begins with a new patch of each branch.</summary>
    private static readonly PartRegion RightHalf = Box(RegionKind.Ignore, 32, 0, 64, 64);

    private readonly TemporaryFolder _folder = new();

    public RegionInspectionTests() => TinyEncoder.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_row_of_the_bank_is_made_of_an_ignored_patch()
    {
        using var bank = BankFile.Open(Learn(RightHalf));

        Assert.Equal(RegionsOf(RightHalf).Sha256, bank.Description.Regions!.Sha256);
        using var model = ModelFile.Open(bank.Path);
        Assert.Equal("mrfad-bank/4", model.Format);
        foreach (var name in bank.BranchNames)
        {
            var columns = (name.StartsWith("l4", StringComparison.Ordinal) ? 16 : 8) / (name.EndsWith(".0.5", StringComparison.Ordinal) ? 2 : 1);
            var sources = bank.Sources(name);
            Assert.Equal(8 * columns * columns / 2, sources.Length / 2);
            for (var row = 0; row < sources.Length / 2; row++)
                Assert.True(sources[(2 * row) + 1] % columns < columns / 2);
        }
    }

    [Fact]
    public void An_ignored_defect_is_in_no_score_map_or_region_and_no_search()
    {
        using var inspector = Open(Learn(RightHalf));
        using var plain = Part(99);
        using var bad = Part(99, (40, 20, 16, 16));

        var (good, ignored) = (inspector.Inspect(plain).Score, inspector.Inspect(bad));

        Assert.Equal(good, ignored.Score);
        Assert.False(ignored.IsDefective);
        Assert.Empty(ignored.Regions);
        Assert.Equal(0, ignored.Map.Scores[(25 * Side) + 45]);
        Assert.True(ignored.Map.Scores[(25 * Side) + 20] > 0);
        Assert.DoesNotContain(inspector.Explain(ignored, 1)[0].Nearest, n => n.Patch.X >= 32);
    }

    [Fact]
    public void Exactly_the_ignored_patches_are_not_searched()
    {
        using var bank = BankFile.Open(Learn());
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        var labels = new RegionLabels(RegionsOf(RightHalf));
        using var scorer = new MrfAdScorer(encoder, Options, [.. bank.BranchNames.Select(bank.CreateSearch)], 1, TimeProvider.System) { Regions = labels };
        using var part = Part(99);

        scorer.Score(part);

        for (var b = 0; b < scorer.NearestRows.Count; b++)
        {
            var (columns, rows) = scorer.BranchSizes[b];
            for (var patch = 0; patch < columns * rows; patch++)
                Assert.Equal(patch % columns < columns / 2, scorer.NearestRows[b][patch] >= 0);
        }
    }

    [Fact]
    public void A_defect_beside_an_ignored_region_scores_as_it_does_without()
    {
        using var inspector = Open(Learn());
        using var bad = Part(99, (24, 20, 16, 16));

        var whole = inspector.Inspect(bad).Map.Scores.ToArray();
        var half = inspector.Inspect(bad, null, RegionsOf(RightHalf));

        Assert.True(half.IsDefective);
        // The last inspected column: its maps are interpolated with ignored patches, which hold the edge.
        Assert.InRange(half.Map.Scores[(28 * Side) + 31], 0.95 * whole[(28 * Side) + 31], 1.05 * whole[(28 * Side) + 31]);
        Assert.Equal(0, half.Map.Scores[(28 * Side) + 32]);
    }

    [Fact]
    public void Only_the_inspected_region_is_inspected()
    {
        using var inspector = Open(Learn());
        var regions = RegionsOf(Box(RegionKind.Inspect, 0, 0, 32, 64));
        using var within = Part(99, (8, 20, 16, 16));
        using var outside = Part(99, (40, 20, 16, 16));

        Assert.True(inspector.Inspect(within, null, regions).IsDefective);
        Assert.False(inspector.Inspect(outside, null, regions).IsDefective);
        Assert.True(inspector.Inspect(outside).IsDefective);
        Assert.Equal(regions.Sha256, inspector.Inspect(within, null, regions).RegionsSha256);
    }

    [Fact]
    public void A_named_region_is_judged_by_limits_of_its_own_and_named_in_the_defects()
    {
        using var inspector = Open(Learn());
        var box = Box(RegionKind.Named, 0, 0, 32, 64) with { Name = "label" };
        using var bad = Part(99, (4, 20, 8, 16));
        var plain = inspector.Inspect(bad, null, RegionsOf(box));
        var named = Assert.Single(plain.Regions);
        Assert.Equal("label", named.Name);
        Assert.True(plain.IsDefective);

        // The region allows more than the rest of the part.
        var lenient = inspector.Inspect(bad, null, RegionsOf(box with { Threshold = 1.1f * named.Score }));
        Assert.False(lenient.IsDefective);
        Assert.True(lenient.Score < lenient.Threshold);
        Assert.True(inspector.Inspect(bad, null, RegionsOf(box with { Threshold = 0.99f * named.Score })).IsDefective);

        // It allows small defects.
        Assert.True(inspector.Inspect(bad, null, RegionsOf(box with { MinAreaPx = named.Area })).IsDefective);
        Assert.False(inspector.Inspect(bad, null, RegionsOf(box with { MinAreaPx = named.Area + 1 })).IsDefective);

        // It allows less: the part is NG by it alone.
        using var good = Part(98);
        var most = inspector.Inspect(good).Map.Scores;
        var left = 0f;
        for (var i = 0; i < most.Length; i++)
            left = i % Side < 32 ? Math.Max(left, most[i]) : left;
        var strict = inspector.Inspect(good, null, RegionsOf(box with { Threshold = left }));
        Assert.True(strict.IsDefective);
        Assert.True(strict.Score < strict.Threshold);
        Assert.All(strict.Regions, r => Assert.Equal("label", r.Name));
    }

    [Fact]
    public void The_threshold_of_the_whole_part_is_calibrated_without_regions_that_have_their_own()
    {
        var noisy = Box(RegionKind.Named, 32, 0, 64, 64) with { Name = "noisy", Threshold = 1000 };
        using var with = BankFile.Open(Learn((i, image) => image.Bytes[3 * ((40 + (Side * (10 + i))) + 2)] = (byte)(30 * i), noisy));
        using var without = BankFile.Open(Learn((i, image) => image.Bytes[3 * ((40 + (Side * (10 + i))) + 2)] = (byte)(30 * i)));
        using var half = BankFile.Open(Learn((i, image) => image.Bytes[3 * ((40 + (Side * (10 + i))) + 2)] = (byte)(30 * i), RightHalf));

        Assert.True(with.Description.Calibration.Scores.Max() < without.Description.Calibration.Scores.Max());
        Assert.Equal(8 * 256, with.Size("l4.1").Rows);
        Assert.Equal(8 * 128, half.Size("l4.1").Rows);
    }

    [Fact]
    public void Images_that_are_added_or_taught_bring_no_ignored_patch()
    {
        using var bank = BankFile.Open(Learn(RightHalf));
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        var odd = Write("odd.png", Part(77, (20, 0, 30, 64)));
        var editor = new BankEditor(bank, TimeProvider.System);

        editor.Append(encoder, [(odd, "odd.png")], 1, _folder.File("added.mrfbank"), null, CancellationToken.None);
        var taught = editor.Teach(encoder, [new TaughtImage("odd.png", bank.Description.Calibration.Threshold, () => ImageCodec.Read(odd)) { Regions = RegionsOf(RightHalf, Box(RegionKind.Ignore, 0, 0, 64, 32)) }], 1, _folder.File("taught.mrfbank"), null, CancellationToken.None);

        using var more = BankFile.Open(_folder.File("added.mrfbank"));
        using var lesson = BankFile.Open(_folder.File("taught.mrfbank"));
        Assert.True(taught.Rows > 0);
        Assert.All(New(more), patch => Assert.True(patch % 16 < 8));
        // Those of the station hold before those of the bank.
        Assert.All(New(lesson), patch => Assert.True(patch % 16 < 8 && patch / 16 >= 8));
        Assert.NotEmpty(New(lesson));

        static IEnumerable<int> New(BankFile file) => file.Sources("l4.1").ToArray().Chunk(2).Where(s => s[0] == 8).Select(s => s[1]);
    }

    [Fact]
    public void A_region_s_own_threshold_decides_what_is_taught()
    {
        using var bank = BankFile.Open(Learn());
        using var encoder = MrfAdInspector.EncoderFor(bank, _folder.File("tiny.onnx"), 1);
        var (odd, threshold) = (Write("odd.png", Part(98)), bank.Description.Calibration.Threshold);
        var strict = Box(RegionKind.Named, 0, 0, 32, 64) with { Name = "strict", Threshold = threshold / 100 };
        var taught = new TaughtImage("odd.png", threshold, () => ImageCodec.Read(odd));
        Assert.Throws<LearnException>(() => new BankEditor(bank, TimeProvider.System).Teach(encoder, [taught], 1, _folder.File("no.mrfbank"), null, CancellationToken.None));

        var lesson = new BankEditor(bank, TimeProvider.System).Teach(encoder, [taught with { Regions = RegionsOf(strict) }], 1, _folder.File("taught.mrfbank"), null, CancellationToken.None);

        Assert.True(lesson.Rows > 0);
    }

    [Fact]
    public void Regions_of_another_size_are_refused_with_both_sizes()
    {
        var other = RegionsOf(RightHalf) with { WidthPx = 100 };
        using var inspector = Open(Learn());
        using var part = Part(1);

        Assert.Equal("the regions are drawn over images of 100x64, got 64x64 RGB 8 bit", Assert.Throws<ImageMismatchException>(() => inspector.Inspect(part, null, other)).Message);
        Assert.Contains("the regions are drawn over images of 100x64, ", Assert.Throws<LearnException>(() => Run(Request(other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_whose_regions_cannot_be_is_refused()
    {
        var path = Learn(RightHalf);
        TestModel.Vary(path, _folder.File("none.mrfbank"), 1, change: d => d.Remove("regions"));
        TestModel.Vary(path, _folder.File("odd.mrfbank"), 1, change: d => d["regions"]!["regions"]![0]!["points"]!.AsArray().RemoveAt(0));
        TestModel.Vary(path, _folder.File("size.mrfbank"), 1, change: d => d["regions"]!["height_px"] = 70);

        Assert.EndsWith("no regions are described: want format 'mrfad-bank/2', got 'mrfad-bank/4'", Refused("none.mrfbank"), StringComparison.Ordinal);
        Assert.EndsWith("the regions are drawn over images of 64x70, the images are of 64x64", Refused("size.mrfbank"), StringComparison.Ordinal);
        TestModel.Vary(path, _folder.File("points.mrfbank"), 1, change: d => d["regions"]!["regions"]![0]!["points"] = new System.Text.Json.Nodes.JsonArray());
        Assert.EndsWith("the regions: region 1: want 3 to 200 points, got 0", Refused("points.mrfbank"), StringComparison.Ordinal);

        string Refused(string name) => Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File(name))).Message;
    }

    [Fact]
    public void Banks_of_other_regions_are_not_merged()
    {
        using var first = BankFile.Open(Learn(RightHalf));
        File.Copy(first.Path, _folder.File("first.mrfbank"));
        using var second = BankFile.Open(Learn());

        Assert.Contains("other regions", Assert.Throws<LearnException>(() => BankMerger.Merge([first, second], "both", null, default, _folder.File("both.mrfbank"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Aligned_parts_have_their_regions_wherever_they_lie()
    {
        Directory.CreateDirectory(_folder.File("turned"));
        for (var i = 0; i < 6; i++)
            Write($"turned/{i}.png", TurnedPart.Make(TurnedPart.At((3 * i) - 8, 5 - (2 * i), i == 0 ? 0 : 50 * i), seed: i));
        // Over the first image, which lies 8 px to the left and 5 px down.
        var longLeg = Box(RegionKind.Ignore, 92, 55, 182, 105);
        var regions = new PartRegions { WidthPx = TurnedPart.Width, HeightPx = TurnedPart.Height, Image = "0.png", Regions = [longLeg, Box(RegionKind.Named, 50, 100, 89, 157) with { Name = "short leg" }] };
        var request = Request(regions, "turned") with { Alignment = new AlignmentOptions() };
        Assert.Contains("want the name of the good image", Assert.Throws<LearnException>(() => Run(request with { Regions = regions with { Image = null } })).Message, StringComparison.Ordinal);
        Assert.Contains("'9.png', which is none of the 6 good images", Assert.Throws<LearnException>(() => Run(request with { Regions = regions with { Image = "9.png" } })).Message, StringComparison.Ordinal);

        using var inspector = Open(Run(request));

        Assert.Equal("0.png", inspector.Info.Reference!.Image);
        foreach (var place in (Similarity[])[TurnedPart.At(0, 0, 0), TurnedPart.At(9, -7, 75), TurnedPart.At(-6, 10, 200)])
        {
            // One spot in the ignored leg, and one in the other.
            using var ignored = TurnedPart.Make(place, seed: 50, defect: (120, 78));
            using var seen = TurnedPart.Make(place, seed: 50, defect: (78, 130));
            Assert.False(inspector.Inspect(ignored).IsDefective);
            var (x, y) = place.Map(120, 78);
            Assert.Equal(0, inspector.Inspect(ignored).Map.Scores[((int)y * TurnedPart.Width) + (int)x]);
            var named = inspector.Inspect(seen);
            Assert.Equal("short leg", named.Regions[0].Name);
            (x, y) = place.Map(78, 130);
            Assert.InRange(x, named.Regions[0].X, named.Regions[0].X + named.Regions[0].Width);
            Assert.InRange(y, named.Regions[0].Y, named.Regions[0].Y + named.Regions[0].Height);
        }
    }

    private string Learn(params PartRegion[] regions) => Learn((_, _) => { }, regions);

    private string Learn(Action<int, Image> change, params PartRegion[] regions)
    {
        Directory.CreateDirectory(_folder.File("images"));
        for (var i = 0; i < 8; i++)
        {
            var image = Part(i);
            change(i, image);
            Write($"images/{i}.png", image);
        }

        return Run(Request(regions.Length == 0 ? null : RegionsOf(regions)));
    }

    private LearnRequest Request(PartRegions? regions, string folder = "images") => new()
    {
        Images = ImageFolder.FilesBelow(_folder.File(folder)),
        Id = "part",
        Created = default,
        Options = Options,
        Regions = regions,
        Threads = 1,
    };

    private string Run(LearnRequest request)
    {
        var path = _folder.File($"{Guid.NewGuid():N}.mrfbank");
        using var encoder = Encoder.Open(_folder.File("tiny.onnx"), null, 1);
        new BankLearner(encoder, TimeProvider.System).Learn(request, path, null, CancellationToken.None);
        return path;
    }

    private MrfAdInspector Open(string bank) => MrfAdInspector.Open(_folder.File("tiny.onnx"), bank, 1, TimeProvider.System);

    private string Write(string name, Image image)
    {
        using (image)
            File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
        return _folder.File(name);
    }

    private static Image Part(int seed, (int X, int Y, int Width, int Height)? defect = null)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 3);
        foreach (ref var value in image.Bytes)
            value = (byte)random.Next(100, 120);
        if (defect is var (left, top, width, height))
        {
            for (var y = top; y < top + height; y++)
                image.Bytes.Slice(3 * ((y * Side) + left), 3 * width).Fill(255);
        }

        return image;
    }

    private static PartRegions RegionsOf(params PartRegion[] regions) => new() { WidthPx = Side, HeightPx = Side, Regions = regions };

    private static PartRegion Box(RegionKind kind, double left, double top, double right, double bottom) =>
        new() { Kind = kind, Points = [[left, top], [right, top], [right, bottom], [left, bottom]] };
}
