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

namespace MrfAd.Engine.Tests.Alignment;

public sealed class AlignedBankTests(AlignedBankTests.LearnedBank learned) : IClassFixture<AlignedBankTests.LearnedBank>, IDisposable
{
    private static readonly Similarity[] Places = [.. Enumerable.Range(0, 8).Select(i => TurnedPart.At((7 * i % 20) - 10, (11 * i % 16) - 8, 37 * i))];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_bank_carries_the_reference_and_an_agent_that_knows_none_refuses_it()
    {
        var path = learned.Path;

        using var bank = BankFile.Open(path);
        using var model = ModelFile.Open(path);
        Assert.Equal("mrfad-bank/3", model.Format);
        Assert.Contains(bank.Description.Alignment!.Image, bank.ImageNames());
        Assert.Equal((TurnedPart.Width, TurnedPart.Height), (bank.Description.Alignment.Width, bank.Description.Alignment.Height));
        Assert.InRange(bank.Description.Alignment.MinQuality, 0.3, 0.9);
        Assert.InRange(bank.Description.Alignment.Png.Length, 1, 100_000);
    }

    [Fact]
    public void A_bank_without_alignment_has_the_format_and_the_description_that_it_always_had()
    {
        var path = Learn(null);

        using var model = ModelFile.Open(path);
        using var bank = BankFile.Open(path);
        Assert.Equal("mrfad-bank/2", model.Format);
        Assert.DoesNotContain("lignment", bank.Description.ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_description_that_says_otherwise_than_the_format_is_refused()
    {
        TestModel.Vary(learned.Path, _folder.File("none.mrfbank"), 1, change: d => d.Remove("alignment"));

        var error = Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("none.mrfbank")));

        Assert.EndsWith("no alignment is described: want format 'mrfad-bank/2', got 'mrfad-bank/3'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("height", "100", "the alignment is of frames of 240x100, the images are of 240x200")]
    [InlineData("min_quality", "2", "the alignment's quality is to be at least 2, want -1 to 1")]
    public void An_alignment_that_cannot_be_is_refused(string key, string value, string reason)
    {
        TestModel.Vary(learned.Path, _folder.File("odd.mrfbank"), 1, change: d => d["alignment"]![key] = System.Text.Json.Nodes.JsonNode.Parse(value));

        Assert.EndsWith(reason, Assert.Throws<BankFormatException>(() => BankFile.Open(_folder.File("odd.mrfbank"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_that_is_no_picture_is_refused_when_the_bank_is_to_inspect()
    {
        TestModel.Vary(learned.Path, _folder.File("odd.mrfbank"), 1, change: d => d["alignment"]!["png"] = "AAAA");

        Assert.Contains("the reference ", Assert.Throws<BankFormatException>(() => Open(_folder.File("odd.mrfbank"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_defect_is_reported_where_it_is_seen_however_the_part_lies()
    {
        using var inspector = Open(learned.Path);

        foreach (var place in (Similarity[])[TurnedPart.At(0, 0, 0), TurnedPart.At(9, -7, 75), TurnedPart.At(-6, 10, 200)])
        {
            using var good = TurnedPart.Make(place, seed: 50);
            using var bad = TurnedPart.Make(place, seed: 51, defect: (120, 78));
            Assert.Equal(1, inspector.Inspect(good).Alignment!.Scale, 3);
            var goodScore = inspector.Inspect(good).Score;

            var inspection = inspector.Inspect(bad);

            var (x, y) = place.Map(120, 78);
            var hottest = inspection.Map.Scores.IndexOf(inspection.Score);
            Assert.True(inspection.Score > 1.5 * goodScore, $"{inspection.Score} {goodScore}");
            Assert.InRange(double.Hypot((hottest % TurnedPart.Width) - x, (hottest / TurnedPart.Width) - y), 0, 12);
            var region = inspection.Regions[0];
            Assert.InRange(x, region.X - 2, region.X + region.Width + 2);
            Assert.InRange(y, region.Y - 2, region.Y + region.Height + 2);
            var patch = inspector.Explain(inspection, 1)[0].Nearest[0].Patch;
            Assert.InRange(x, patch.X - 12, patch.X + patch.Width + 12);
            Assert.InRange(y, patch.Y - 12, patch.Y + patch.Height + 12);
        }
    }

    [Fact]
    public void The_certified_search_judges_as_the_full_one_however_the_part_lies()
    {
        using var full = Open(learned.Path);
        using var certified = MrfAdInspector.Open(learned.Encoder, learned.Path, 1, TimeProvider.System, certified: true);
        var threshold = full.Info.Threshold;
        PartRegions?[] drawn =
        [
            null,
            Regions(new PartRegion { Kind = RegionKind.Ignore, Points = Box(0, 0, 117, 200) }),
            Regions(new PartRegion { Kind = RegionKind.Named, Name = "spot", Threshold = 0.4f * threshold, MinAreaPx = 5, Points = Box(105, 60, 140, 95) }),
            Regions(
                new PartRegion { Kind = RegionKind.Inspect, Points = Box(60, 40, 180, 160) },
                new PartRegion { Kind = RegionKind.Named, Name = "noisy", Threshold = 10 * threshold, Points = Box(105, 60, 140, 95) }),
        ];

        for (var i = 0; i < 20; i++)
        {
            using var part = TurnedPart.Make(TurnedPart.At((3 * i) - 15, 9 - i, 41 * i), seed: 70 + i, defect: i % 3 == 0 ? (120, 78) : null);
            var regions = drawn[i % drawn.Length];
            var (wanted, got) = (full.Inspect(part, regions: regions), certified.Inspect(part, regions: regions));

            Assert.True(got.IsBounded && !wanted.IsBounded);
            Assert.Equal((wanted.Score, wanted.PValue, wanted.IsDefective), (got.Score, got.PValue, got.IsDefective));
            Assert.Equal(wanted.Regions, got.Regions);
            var visible = full.Info.HeatmapScale.Low;
            certified.MakeExact(visible);
            for (var p = 0; p < wanted.Map.Scores.Length; p++)
                Assert.True(wanted.Map.Scores[p] == got.Map.Scores[p] || (wanted.Map.Scores[p] < visible && got.Map.Scores[p] < visible), $"{i}: pixel {p}: {wanted.Map.Scores[p]:R}, {got.Map.Scores[p]:R}");
        }
    }

    private static PartRegions Regions(params PartRegion[] regions) => new() { WidthPx = TurnedPart.Width, HeightPx = TurnedPart.Height, Regions = regions };

    private static double[][] Box(double left, double top, double right, double bottom) => [[left, top], [right, top], [right, bottom], [left, bottom]];

    [Fact]
    public void Places_are_relative_to_the_reference()
    {
        using var inspector = Open(learned.Path);
        using var first = TurnedPart.Make(TurnedPart.At(0, 0, 0), seed: 60);
        using var second = TurnedPart.Make(TurnedPart.At(0, 0, 30), seed: 61);

        var (before, after) = (inspector.Inspect(first).Alignment!, inspector.Inspect(second).Alignment!);

        Assert.Equal(30, Math.IEEERemainder(after.Angle - before.Angle, 360), 0.5);
    }

    [Fact]
    public void A_frame_without_the_part_is_refused_with_what_was_measured()
    {
        using var inspector = Open(learned.Path);
        using var empty = TurnedPart.Empty();

        var error = Assert.Throws<ImageNotAlignedException>(() => inspector.Inspect(empty));

        Assert.Equal(ImageFaultKind.NotAligned, error.Fault.Kind);
        Assert.True(error.Fault.Value < error.Fault.Limit);
        Assert.StartsWith("the part cannot be aligned: correlation with the reference ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_lies_outside_of_the_frame_raises_no_alarm_and_is_said()
    {
        using var inspector = Open(learned.Path);
        // The short leg's end leaves the frame below.
        using var frame = TurnedPart.Make(TurnedPart.At(0, 64, 0), seed: 70);

        var inspection = inspector.Inspect(frame);

        Assert.InRange(inspection.Alignment!.Visible, 0.8, 0.97);
        Assert.Contains(" % of the part lies outside of the frame and was not inspected", inspection.Degraded, StringComparison.Ordinal);
        Assert.False(inspection.IsMaskDoubted);
        Assert.False(inspection.IsDefective, $"{inspection.Score} {inspection.Threshold}");
    }

    [Fact]
    public void Images_are_added_and_taught_aligned()
    {
        var path = learned.Path;
        using (var bank = BankFile.Open(path))
        using (var encoder = MrfAdInspector.EncoderFor(bank, learned.Encoder, 1))
        {
            var added = Write("added.png", TurnedPart.Make(TurnedPart.At(3, 3, 123), seed: 80));
            var appended = new BankEditor(bank, TimeProvider.System).Append(encoder, [(added, "added.png")], 1, _folder.File("more.mrfbank"), null, CancellationToken.None);
            Assert.Equal(9, appended.Description.Images);
            // It fits the others: its held-out score is one of a good part.
            Assert.InRange(appended.Description.Calibration.Scores[^1], 0, 1.3 * appended.Description.Calibration.Scores.SkipLast(1).Max());
            Assert.Equal(bank.Description.Alignment!.Png, appended.Description.Alignment!.Png);

            var odd = Write("odd.png", TurnedPart.Make(TurnedPart.At(-5, 4, 300), seed: 81, defect: (120, 78)));
            var taught = new BankEditor(bank, TimeProvider.System).Teach(
                encoder, [new TaughtImage("odd.png", bank.Description.Calibration.Threshold, () => ImageCodec.Read(odd))], 1, _folder.File("taught.mrfbank"), null, CancellationToken.None);
            Assert.True(taught.Images[0].After < taught.Images[0].Before);
        }

        // The same spot on a part that lies otherwise is good now.
        using var inspector = Open(_folder.File("taught.mrfbank"));
        using var again = TurnedPart.Make(TurnedPart.At(6, -2, 20), seed: 82, defect: (120, 78));
        using var before = Open(path);
        Assert.True(inspector.Inspect(again).Score < before.Inspect(again).Score);
    }

    [Fact]
    public void A_good_image_without_the_part_is_named()
    {
        Images(Places);
        Write("images/empty.png", TurnedPart.Empty());

        var error = Assert.Throws<LearnException>(() => LearnFolder(new AlignmentOptions()));

        Assert.Contains("empty.png cannot be aligned to ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_another_size_than_the_reference_are_named()
    {
        Images(Places);
        Write("images/zz.png", new Image(64, 48, 1));

        Assert.Contains("zz.png is 64x48", Assert.Throws<LearnException>(() => LearnFolder(new AlignmentOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_parts_lie_is_compared_with_where_the_good_ones_lay()
    {
        using var inspector = Open(learned.Path);
        var statistics = inspector.Info.ReferenceStatistics!;
        using var frame = TurnedPart.Make(TurnedPart.At(40, 0, 0), seed: 90);

        var reading = statistics.Read(frame);
        var drift = statistics.Located(reading.Drift!.Value, inspector.Inspect(frame).Alignment!);

        // In thumbnails nothing is looked for: a part may lie anyhow.
        Assert.Null(reading.Fault);
        Assert.Null(reading.Drift.Value.X);
        Assert.True(drift.X > 1.5, $"{drift}");
        Assert.InRange(drift.Y!.Value, -1, 1);
    }

    private MrfAdInspector Open(string bank) => MrfAdInspector.Open(learned.Encoder, bank, 1, TimeProvider.System);

    private string Learn(AlignmentOptions? alignment)
    {
        Images(Places);
        return LearnFolder(alignment);
    }

    private void Images(Similarity[] places) => WriteImages(_folder.File("images"), places);

    private string LearnFolder(AlignmentOptions? alignment) => Learn(learned.Encoder, _folder.File("images"), _folder.File("part.mrfbank"), alignment);

    private string Write(string name, Image image)
    {
        using (image)
            File.WriteAllBytes(_folder.File(name), ImageCodec.Encode(image, ImageFormat.Png));
        return _folder.File(name);
    }

    private static void WriteImages(string folder, Similarity[] places)
    {
        Directory.CreateDirectory(folder);
        foreach (var (place, i) in places.Select((place, i) => (place, i)))
        {
            using var image = TurnedPart.Make(place, seed: i);
            File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), ImageCodec.Encode(image, ImageFormat.Png));
        }
    }

    private static string Learn(string model, string images, string bank, AlignmentOptions? alignment)
    {
        var request = new LearnRequest
        {
            Images = [.. Directory.GetFiles(images).Order(StringComparer.Ordinal)],
            Id = "part",
            Created = DateTimeOffset.UnixEpoch,
            Options = new MrfAdOptions { Scales = [1], MinSide = 8, RowsPerBank = 2000 },
            Folds = 2,
            Alignment = alignment,
            Threads = 1,
        };
        using var encoder = Encoder.Open(model, null, 1);
        new BankLearner(encoder, TimeProvider.System).Learn(request, bank, null, CancellationToken.None);
        return bank;
    }

    /// <summary>A bank of parts that lie anyhow, learned once for all tests.</summary>
    public sealed class LearnedBank : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public LearnedBank()
        {
            Encoder = TinyEncoder.Write(_folder.Path);
            WriteImages(_folder.File("images"), Places);
            Path = Learn(Encoder, _folder.File("images"), _folder.File("part.mrfbank"), new AlignmentOptions());
        }

        public string Encoder { get; }

        public string Path { get; }

        public void Dispose() => _folder.Dispose();
    }
}
