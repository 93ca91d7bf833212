using MrfAd.Engine.Metrics;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Metrics;

/// <summary>The vectors of the metrics' definition: worked out by hand, so exact.</summary>
public sealed class ScoreCurveTests
{
    private const double Exact = 1e-12;

    [Fact]
    public void T1_a_region_found_after_one_ok_pixel_counts_from_there()
    {
        // 1x45: region {0} at .9, region {2..5} all .8, one ok .85, the other 39 ok lower.
        var scores = Fill(45, 0.1f, (0, .9f), (2, .8f), (3, .8f), (4, .8f), (5, .8f), (1, .85f));
        Assert.Equal(3.0 / 4, Curve(45, (scores, Mask(45, 0, 2, 3, 4, 5))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T2_a_perfect_map_has_1()
    {
        Assert.Equal(1, Curve(10, (Fill(10, 0, (3, 1f)), Mask(10, 3))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T3_a_constant_map_is_one_straight_step()
    {
        Assert.Equal(1.0 / 40, Curve(10, (Fill(10, .5f), Mask(10, 3, 4))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T4_all_ok_above_all_defects_has_0()
    {
        Assert.Equal(0, Curve(10, (Fill(10, .9f, (3, .1f)), Mask(10, 3))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T5_pixels_that_touch_by_a_corner_are_one_region()
    {
        var scores = Fill(25, .1f, (0, .9f), (6, .8f), (24, .7f), (19, .85f));
        Assert.Equal(7.0 / 22, Curve(5, (scores, Mask(25, 0, 6, 24))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T6_a_defect_tied_with_an_ok_pixel_counts_half()
    {
        var scores = Fill(21, .1f, (0, .7f), (1, .7f));
        Assert.Equal(1.0 / 2, Curve(21, (scores, Mask(21, 0))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T7_a_false_positive_on_a_good_image_counts()
    {
        var curve = Curve(10, (Fill(10, .1f, (0, .6f)), Mask(10, 0)), (Fill(10, .05f, (0, .9f)), []));
        Assert.Equal(0, curve.AuPro(0.05), Exact);
    }

    [Fact]
    public void T8_a_tie_of_one_defect_and_one_ok_pixel_is_one_segment()
    {
        var scores = Fill(32, .1f, (0, .9f), (1, .7f), (2, .8f), (3, .7f));
        Assert.Equal(13.0 / 24, Curve(32, (scores, Mask(32, 0, 1))).AuPro(0.05), Exact);
    }

    [Fact]
    public void T9_each_region_weighs_the_same_whatever_its_size()
    {
        var one = Fill(9, .1f, (0, .9f), (1, .2f));
        var two = Fill(11, .1f, (0, .5f), (1, .05f));
        Assert.Equal(3.0 / 4, Curve(1, (one, Mask(9, 0)), (two, Mask(11, 0, 1))).AuPro(0.1), Exact);
    }

    [Fact]
    public void R1_partial_areas_under_the_roc_curve()
    {
        float[] ok = [.7f, .5f, .4f, .. Enumerable.Range(1, 37).Select(i => .2f / i)];
        var curve = ScoreCurve.Of(ok, [.9f, .8f, .6f, .3f], "r1");
        Assert.Equal(5.0 / 8, curve.AuRoc(0.05), Exact);
        Assert.Equal(21.0 / 26, curve.AuRocMcClish(0.05), Exact);
    }

    [Fact]
    public void R2_ties_are_chance()
    {
        var curve = ScoreCurve.Of(Fill(20, .5f), [.5f], "r2");
        Assert.Equal(1.0 / 40, curve.AuRoc(0.05), Exact);
        Assert.Equal(1.0 / 2, curve.AuRocMcClish(0.05), Exact);
    }

    [Fact]
    public void R3_perfect_is_1()
    {
        var curve = ScoreCurve.Of([.1f, .2f, .3f], [.4f, .5f], "r3");
        Assert.Equal(1, curve.AuRoc(0.05), Exact);
        Assert.Equal(1, curve.AuRocMcClish(0.05), Exact);
        Assert.Equal(1, curve.AuRoc(), Exact);
    }

    [Fact]
    public void A_set_without_a_defect_or_without_an_ok_pixel_is_an_error_that_names_it()
    {
        Assert.Contains("bottle: no mask", Assert.Throws<MetricException>(() => PixelCurve.Of(new MapsInMemory(2, ([1f, 2f], [])), "bottle")).Message, StringComparison.Ordinal);
        Assert.Contains("bottle: no ok", Assert.Throws<MetricException>(() => PixelCurve.Of(new MapsInMemory(2, ([1f, 2f], [1, 1])), "bottle")).Message, StringComparison.Ordinal);
        Assert.Contains("bottle: 2 good and 0", Assert.Throws<MetricException>(() => ScoreCurve.Of([1f, 2f], [], "bottle")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranges_of_scores_done_one_after_another_give_the_same_curve()
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 6000).Select(_ => (float)Math.Round((random.NextDouble() * 8) - 2, random.Next(1, 5))).ToArray();
        var mask = Enumerable.Range(0, 6000).Select(_ => (byte)(random.NextDouble() < .2 ? 1 : 0)).ToArray();
        var maps = new MapsInMemory(60, (scores, mask));
        var (whole, pieces) = (PixelCurve.Of(maps, "all"), PixelCurve.Of(maps, "all", maxDefectsInMemory: 50));
        Assert.Equal(whole.AuPro(0.3), pieces.AuPro(0.3), Exact);
        Assert.Equal(whole.AuRoc(), pieces.AuRoc(), Exact);
        Assert.Equal(whole.AveragePrecision, pieces.AveragePrecision, Exact);
        Assert.Equal(whole.BestF1, pieces.BestF1, Exact);
    }

    [Fact]
    public void The_drawn_curve_encloses_the_same_area()
    {
        var random = new Random(2);
        var maps = new MapsInMemory(300, (
            [.. Enumerable.Range(0, 90_000).Select(i => (float)(random.NextDouble() + (i % 300 < 20 ? .4 : 0)))],
            [.. Enumerable.Range(0, 90_000).Select(i => (byte)(i % 300 < 20 ? 1 : 0))]));
        var curve = PixelCurve.Of(maps, "drawn");
        var area = curve.Drawn.Zip(curve.Drawn.Skip(1), (a, b) => (b.FalsePositiveRate - a.FalsePositiveRate) * (a.TruePositiveRate + b.TruePositiveRate) / 2).Sum();
        Assert.Equal(curve.AuRoc(), area, 1e-3);
        Assert.InRange(curve.Drawn.Count, 100, 3000);
    }

    [Fact]
    public void A_limit_that_the_curve_was_not_made_for_is_refused_with_those_it_has()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => ScoreCurve.Of([.1f], [.2f], "limits").AuPro(0.2));
        Assert.StartsWith("this curve was made for the limits 0.05, 0.3, 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_set_of_defects_alone_is_an_error_too() =>
        Assert.Contains("bottle: 0 good and 2", Assert.Throws<MetricException>(() => ScoreCurve.Of([], [1f, 2f], "bottle")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_map_of_another_size_than_its_mask_is_an_error_that_names_the_image()
    {
        var maps = new OneMap(new MaskRegions([0, 1, 0, 0], 2, 2), new float[3]);
        var error = Assert.Throws<AggregateException>(() => PixelCurve.Of(maps, "bottle"));
        Assert.Equal("bottle: image 0 has 3 scores, its mask 2x2 pixels", Assert.IsType<MetricException>(error.InnerExceptions[0]).Message);
        Assert.StartsWith("a 2x2 mask has 4 pixels, got 3", Assert.Throws<ArgumentException>(() => new MaskRegions([0, 1, 0], 2, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_curve_ends()
    {
        var maps = new MapsInMemory(2, ([1f, 2f], [0, 1]));
        Assert.ThrowsAny<OperationCanceledException>(() => PixelCurve.Of(maps, "cancelled", cancellation: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Scores_below_zero_and_both_zeros_are_in_their_order()
    {
        // −0 and 0 are one step, and −1 is higher than −2.
        var curve = ScoreCurve.Of([-2f, 0f], [-1f, -0f], "signs");
        Assert.Equal(curve.AuRoc(), Curve(4, ([-2f, 0f, -1f, -0f], Mask(4, 2, 3))).AuRoc(), Exact);
        Assert.Equal(5.0 / 8, curve.AuRoc(), Exact);
    }

    [Fact]
    public void A_mask_is_listed_as_stretches_from_its_first_to_its_last_pixel()
    {
        var regions = new MaskRegions([1, 0, 0, 1, 1, 0], 3, 2);
        Assert.Equal([(0, 1, 0), (1, 3, -1), (3, 5, 0), (5, 6, -1)], regions.Stretches());
        Assert.Equal((3, 3), (regions.DefectPixels, regions.OkPixels));
        Assert.Equal([3], regions.Sizes);
        Assert.Equal([(0, 6, -1)], MaskRegions.None(3, 2).Stretches());
        Assert.Equal((0, 6), (MaskRegions.None(3, 2).DefectPixels, MaskRegions.None(3, 2).OkPixels));
        Assert.Equal([(0, 2, -1), (2, 4, 0)], new MaskRegions([0, 0, 1, 1], 4, 1).Stretches());
    }

    /// <summary>A drawing goes from nothing to everything and shows a step as a step.</summary>
    [Fact]
    public void The_drawn_curve_has_both_ends_and_its_steps_are_upright()
    {
        float[] ok = [.. Enumerable.Range(0, 1000).Select(i => i / 1000f)];
        var drawn = ScoreCurve.Of(ok, [.7505f, .7506f], "steps").Drawn;
        Assert.Equal(new CurvePoint(0, 0, 0), drawn[0]);
        Assert.Equal(new CurvePoint(1, 1, 1), drawn[^1]);
        Assert.Contains(drawn, p => p is { FalsePositiveRate: > 0.2485 and < 0.2495, TruePositiveRate: 0 });
        Assert.Contains(drawn, p => p is { FalsePositiveRate: > 0.2485 and < 0.2495, TruePositiveRate: 1 });
        // Ten times as fine below 5 %: a point each thousandth there, each two hundredth from there on.
        Assert.InRange(drawn.Count(p => p.FalsePositiveRate <= 0.05), 45, 55);
        Assert.InRange(drawn.Count(p => p.FalsePositiveRate > 0.05), 185, 195);
    }

    [Fact]
    public void No_range_of_scores_holds_more_defects_than_the_limit_and_where_all_fit_there_is_one()
    {
        // Each score lies in a coarse step of its own.
        float[] scores = [.. Enumerable.Range(0, 20).Select(i => MathF.Pow(2, i))];
        var maps = new OneMap(new MaskRegions([.. Enumerable.Range(0, 20).Select(i => (byte)(i < 10 ? 1 : 0))], 20, 1), scores);

        PixelCurve.Of(maps, "fits", maxDefectsInMemory: 10);
        Assert.Equal(2, maps.Reads); // its defects, and its ok pixels

        PixelCurve.Of(maps, "ranges", maxDefectsInMemory: 3);
        Assert.Equal(2 + 1 + (4 * 2), maps.Reads); // once to find the ranges, of 3, 3, 3 and 1 defects

        // More equal scores than the limit are one range all the same.
        var equal = new OneMap(new MaskRegions([1, 1, 1, 1, 1, 0], 6, 1), [2, 2, 2, 2, 2, 1]);
        PixelCurve.Of(equal, "equal", maxDefectsInMemory: 3);
        Assert.Equal(1 + (2 * 2), equal.Reads); // theirs, and that of all lower scores
    }

    [Fact]
    public void A_score_at_either_end_of_a_range_counts_once()
    {
        // The ranges end at steps of the upper half of a score's bits.
        uint[] bits = [.. Enumerable.Range(0x3F80, 12).SelectMany(step => (uint[])[(uint)step << 16, ((uint)step << 16) | 0xFFFF])];
        float[] scores = [.. bits.Concat(bits).Select(BitConverter.UInt32BitsToSingle)];
        var maps = new MapsInMemory(48, (scores, [.. Enumerable.Range(0, 48).Select(i => (byte)(i % 24 % 3 == 0 == i < 24 ? 1 : 0))]));
        var whole = PixelCurve.Of(maps, "whole");
        for (var limit = 1; limit < 8; limit++)
        {
            var pieces = PixelCurve.Of(maps, "pieces", maxDefectsInMemory: limit);
            Assert.Equal(whole.AuRoc(), pieces.AuRoc(), Exact);
            Assert.Equal(whole.AuPro(0.3), pieces.AuPro(0.3), Exact);
            Assert.Equal(whole.AveragePrecision, pieces.AveragePrecision, Exact);
        }
    }

    [Fact]
    public void Of_single_samples_each_is_a_region_of_its_own()
    {
        var curve = ScoreCurve.Of([.1f, .5f, .55f, .2f], [.9f, .4f, .6f], "samples");
        Assert.Equal(curve.AuRoc(), curve.AuPro(1), Exact);
        Assert.Equal(curve.AuRoc(0.3), curve.AuPro(0.3), Exact);
        Assert.Equal(10.0 / 12, curve.AuPro(1), Exact);
    }

    private sealed class OneMap(MaskRegions regions, float[] scores) : IPixelMaps
    {
        public int Count => 1;

        public int Reads { get; private set; }

        public MaskRegions Regions(int image) => regions;

        public ReadOnlySpan<float> Read(int image)
        {
            Reads++;
            return scores;
        }
    }

    private static ScoreCurve Curve(int width, params (float[] Scores, byte[] Mask)[] images) =>
        PixelCurve.Of(new MapsInMemory(width, images), "test", [0.05, 0.1, 1]);

    private static float[] Fill(int count, float value, params (int At, float Score)[] others)
    {
        var scores = new float[count];
        Array.Fill(scores, value);
        foreach (var (at, score) in others)
            scores[at] = score;
        return scores;
    }

    private static byte[] Mask(int count, params int[] defects)
    {
        var mask = new byte[count];
        foreach (var at in defects)
            mask[at] = 255;
        return mask;
    }
}
