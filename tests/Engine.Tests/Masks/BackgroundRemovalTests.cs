using MrfAd.Engine.Banks;
using MrfAd.Engine.Detectors;
using MrfAd.Engine.Features;
using MrfAd.Engine.Images;
using MrfAd.Engine.Learning;
using MrfAd.Engine.Masks;
using MrfAd.Testing;
using Encoder = MrfAd.Engine.Features.Encoder;

namespace MrfAd.Engine.Tests.Masks;

/// <summary>Parts are bright squares on dark ground.</summary>
public sealed class BackgroundRemovalTests : IDisposable
{
    private const int Side = 128;
    private static readonly MrfAdOptions Options = new() { Scales = [0.5, 1], MinSide = 8, RowsPerBank = 400, Background = BackgroundFill.Keep };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void No_row_of_the_bank_is_made_of_background()
    {
        using var bank = BankFile.Open(Learn(Options));
        foreach (var name in bank.BranchNames)
        {
            var columns = name.StartsWith("l4", StringComparison.Ordinal) ? 32 : 16;
            columns = name.EndsWith(".0.5", StringComparison.Ordinal) ? columns / 2 : columns;
            var sources = bank.Sources(name);
            for (var row = 0; row < sources.Length / 2; row++)
            {
                var (y, x) = Math.DivRem(sources[(2 * row) + 1], columns);
                Assert.InRange(x, columns * 3 / 16, columns * 13 / 16);
                Assert.InRange(y, columns * 3 / 16, columns * 13 / 16);
            }
        }

        var mask = bank.Description.Mask!;
        Assert.Equal("tiny-mask", mask.ModelId);
        Assert.Equal(0.25, mask.Reference.Area.Median, 0.05);
        Assert.Equal(0, mask.Reference.Outliers);
    }

    [Theory]
    [InlineData(BackgroundFill.Keep)]
    [InlineData(BackgroundFill.Black)]
    [InlineData(BackgroundFill.White)]
    [InlineData(BackgroundFill.Mean)]
    public void What_lies_in_the_background_does_not_score_and_what_lies_on_the_part_does(BackgroundFill fill)
    {
        using var inspector = Open(Learn(Options with { Background = fill }));
        using var plain = Part(99);
        using var beside = Part(99, (0, 2, 12, 90));
        using var upon = Part(99, (60, 60, 6, 60));
        Assert.Equal(inspector.Inspect(plain).Score, inspector.Inspect(beside).Score, 3);
        Assert.False(inspector.Inspect(beside).IsDefective);
        Assert.Null(inspector.Inspect(beside).Degraded);
        var defect = inspector.Inspect(upon);
        Assert.True(defect.IsDefective);
        Assert.Equal(0, defect.Map.Scores[(5 * Side) + 5]);
        Assert.True(inspector.Explain(defect, 1)[0].Nearest.Count > 0);
    }

    [Fact]
    public void A_bank_is_refused_with_other_settings_of_its_mask_model()
    {
        var bank = Learn(Options);
        var settings = _folder.File("mask.json");
        File.WriteAllText(settings, File.ReadAllText(settings).Replace("0.485", "0.385", StringComparison.Ordinal));

        var refused = Assert.Throws<BankFormatException>(() => Open(bank));

        Assert.Contains("other settings of the mask model tiny-mask", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_corner_broken_off_is_seen_though_it_is_background_now()
    {
        using var inspector = Open(Learn(Options));
        using var broken = Part(99, (32, 32, 14, 20));
        Assert.True(inspector.Inspect(broken).IsDefective);
    }

    [Fact]
    public void A_mask_unlike_those_of_good_parts_is_not_believed_and_the_place_of_the_part_is_inspected()
    {
        using var inspector = Open(Learn(Options));
        using var none = Part(99, (0, 0, Side, 20));
        using var all = Part(99, (0, 0, Side, 200));
        using var moved = Part(99, at: 0);
        Assert.Contains("shows no part", inspector.Inspect(none).Degraded, StringComparison.Ordinal);
        Assert.True(inspector.Inspect(none).Map.Scores[(64 * Side) + 64] > 0);
        Assert.Contains("area is 1.000", inspector.Inspect(all).Degraded, StringComparison.Ordinal);
        Assert.Contains("centre", inspector.Inspect(moved).Degraded, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_small_parts_lie_anywhere_a_mask_that_is_not_believed_leaves_nothing_uninspected()
    {
        var survey = Enumerable.Range(0, 64).Select(i =>
        {
            var mask = new PartMask(32, 32);
            float[] likelihood = [.. Enumerable.Range(0, 32 * 32).Select(at => at / 32 / 4 == i / 8 && at % 32 / 4 == i % 8 ? 1f : 0f)];
            mask.Set(likelihood, 0.5f);
            var statistics = new MaskStatistics();
            statistics.Measure(mask);
            return statistics;
        }).ToList();
        var replaced = new PartMask(32, 32);
        ReferenceMask.Of(survey).Replace(replaced);
        Assert.Equal(1, replaced.Area);
    }

    [Fact]
    public void Parts_that_are_all_alike_are_learned()
    {
        Write(_ => Part(1));
        using var inspector = Open(Run(Options with { RowsPerBank = null }));
        using var part = Part(1);
        using var other = Part(2);
        Assert.False(inspector.Inspect(part).IsDefective);
        Assert.True(inspector.Inspect(other).IsDefective);
    }

    [Fact]
    public void A_bank_without_background_wants_the_mask_model_it_was_learned_with()
    {
        var path = Learn(Options);
        Assert.Contains("none is given", Assert.Throws<BankFormatException>(() => MrfAdInspector.Open(_folder.File("tiny.onnx"), path, 1, TimeProvider.System)).Message, StringComparison.Ordinal);
        File.AppendAllText(_folder.File("mask.onnx"), "\0");
        Assert.ThrowsAny<Exception>(() => Open(path));
    }

    [Fact]
    public void Images_without_a_part_cannot_be_learned_without_background()
    {
        Write(i => Part(i, (0, 0, Side, 20)));
        Assert.Contains("finds no part", Assert.Throws<LearnException>(() => Run(Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Images_appended_to_a_bank_without_background_bring_only_their_part()
    {
        var path = Learn(Options);
        using (var image = Part(50))
            File.WriteAllBytes(_folder.File("new.png"), ImageCodec.Encode(image, ImageFormat.Png));
        using (var bank = BankFile.Open(path))
        using (var encoder = Encoder.Open(_folder.File("tiny.onnx"), null, 1))
        using (var mask = MrfAdInspector.MaskFor(bank, _folder.File("mask.json"), 1))
        {
            Assert.Throws<BankFormatException>(() => new BankEditor(bank, TimeProvider.System).Append(encoder, [(_folder.File("new.png"), "new.png")], 1, _folder.File("no"), null, default));
            new BankEditor(bank, TimeProvider.System, mask).Append(encoder, [(_folder.File("new.png"), "new.png")], 1, _folder.File("more.mrfbank"), null, default);
        }

        using var more = BankFile.Open(_folder.File("more.mrfbank"));
        Assert.Equal(9, more.Description.Images);
        Assert.NotNull(more.Description.Mask);
        var sources = more.Sources("l8.1");
        for (var row = 0; row < sources.Length / 2; row++)
            Assert.InRange(sources[(2 * row) + 1] % 16, 3, 13);
    }

    [Fact]
    public void A_frame_without_background_allocates_nothing_after_the_first()
    {
        using var inspector = Open(Learn(Options with { Background = BackgroundFill.Black }));
        using var image = Part(1);
        using var mask = MaskModel.Open(_folder.File("mask.json"), 1);
        using var remover = new BackgroundRemover(mask, BackgroundFill.Black, ReferenceOf(_folder.File("bank.mrfbank")), [0.5f, 0.5f, 0.5f]);
        remover.Remove(image);
        Assert.Equal(Allocations.OfResize(), Allocations.Of(() => remover.Remove(image)));
    }

    private static ReferenceMask ReferenceOf(string path)
    {
        using var bank = BankFile.Open(path);
        return bank.Description.Mask!.Reference;
    }

    private MrfAdInspector Open(string bank) => MrfAdInspector.Open(_folder.File("tiny.onnx"), bank, 1, TimeProvider.System, _folder.File("mask.json"));

    private string Learn(MrfAdOptions options)
    {
        Write(i => Part(i));
        return Run(options);
    }

    private void Write(Func<int, Image> part)
    {
        Directory.CreateDirectory(_folder.File("images"));
        for (var i = 0; i < 8; i++)
        {
            using var image = part(i);
            File.WriteAllBytes(_folder.File($"images/{i}.png"), ImageCodec.Encode(image, ImageFormat.Png));
        }
    }

    private string Run(MrfAdOptions options)
    {
        using var encoder = Encoder.Open(TinyEncoder.Write(_folder.Path), null, 1);
        using var mask = MaskModel.Open(TinyMask.Write(_folder.Path), 1);
        var request = new LearnRequest
        {
            Images = [.. Directory.GetFiles(_folder.File("images")).Order(StringComparer.Ordinal)],
            Id = "part",
            Created = DateTimeOffset.UnixEpoch,
            Options = options,
            Threads = 1,
        };
        new BankLearner(encoder, TimeProvider.System, mask).Learn(request, _folder.File("bank.mrfbank"), null, default);
        return _folder.File("bank.mrfbank");
    }

    /// <summary>A square of 200 ± 10 on a ground of 20 ± 10, and upon it another square.</summary>
    private static Image Part(int seed, (int X, int Y, int Side, byte Grey)? upon = null, int at = 32)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 3);
        for (var i = 0; i < Side * Side; i++)
        {
            var (y, x) = Math.DivRem(i, Side);
            var grey = x >= at && x < at + 64 && y >= at && y < at + 64 ? 200 : 20;
            if (upon is { } square && x >= square.X && x < square.X + square.Side && y >= square.Y && y < square.Y + square.Side)
                grey = square.Grey;
            image.Bytes.Slice(3 * i, 3).Fill((byte)(grey + random.Next(-10, 11)));
        }

        return image;
    }
}
