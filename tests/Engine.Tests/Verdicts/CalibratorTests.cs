using MrfAd.Engine.Fusion;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class CalibratorTests
{
    [Fact]
    public void With_enough_images_the_threshold_lets_through_just_the_wanted_rate()
    {
        var calibration = Calibrate(Enumerable.Range(1, 1000).Select(i => (float)i), falseAlarms: 10);
        Assert.Equal(ThresholdRule.Quantile, calibration.Rule);
        Assert.Equal(990.5f, calibration.Threshold);
        Assert.Equal(10, calibration.FalseAlarmsSeen);
    }

    [Fact]
    public void A_share_that_comes_out_even_is_not_rounded_down()
    {
        Assert.Equal(27, Calibrate(Enumerable.Range(1, 1500).Select(i => (float)i), falseAlarms: 18).FalseAlarmsSeen);
        Assert.Equal(3, Calibrate(Enumerable.Range(1, 10_000).Select(i => (float)i), falseAlarms: 0.3).FalseAlarmsSeen);
    }

    [Fact]
    public void With_too_few_images_the_threshold_lies_beyond_all_of_them_and_the_text_says_so()
    {
        var calibration = Calibrate(Enumerable.Range(1, 20).Select(i => 1 + (i / 100f)), falseAlarms: 1);
        Assert.Equal(ThresholdRule.FittedTail, calibration.Rule);
        Assert.True(calibration.Threshold > 1.2f);
        Assert.Equal(0, calibration.FalseAlarmsSeen);
        var text = CalibrationText.Describe(calibration);
        Assert.Contains("20 images are too few to guarantee 1 in 1000", text, StringComparison.Ordinal);
        Assert.Contains("3688", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_scores_do_not_make_more_false_alarms_than_wanted()
    {
        var calibration = Calibrate([.. Enumerable.Range(1, 900).Select(i => (float)i), .. Enumerable.Repeat(950f, 100)], falseAlarms: 10);
        Assert.Equal(0, calibration.FalseAlarmsSeen);
        Assert.InRange(calibration.Threshold, 950f, 950.1f);
        var neighbours = Calibrate([.. Enumerable.Range(1, 990).Select(_ => 1f), .. Enumerable.Repeat(MathF.BitIncrement(1), 10)], falseAlarms: 10);
        Assert.Equal(10, neighbours.FalseAlarmsSeen);
    }

    [Fact]
    public void With_enough_images_the_text_does_not_ask_for_more()
    {
        var text = CalibrationText.Describe(Calibrate(Enumerable.Range(1, 5000).Select(i => (float)i), falseAlarms: 1));
        Assert.Contains("5 of 5000 held-out good images", text, StringComparison.Ordinal);
        Assert.DoesNotContain("too few", text, StringComparison.Ordinal);
        Assert.Contains("--false-alarms", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "takes a higher threshold")]
    [InlineData(-1, "images are too few")]
    public void The_text_asks_for_more_images_where_fewer_are_there_than_could_promise_the_rate(int more, string text)
    {
        var count = FalseAlarmRate.PartsToPromise(0.01) + more;
        var calibration = Calibrate(Enumerable.Range(1, count).Select(i => (float)i), falseAlarms: 10) with { FalseAlarmsHigh = 20 };

        Assert.Contains(text, CalibrationText.Describe(calibration), StringComparison.Ordinal);
    }

    [Fact]
    public void A_held_out_part_that_differs_in_nothing_scores_0()
    {
        var calibrator = new Calibrator();
        for (var i = 0; i < 3; i++)
            calibrator.Add(new AnomalyMap(2, 1, [0f, 0f]), partOnly: true);
        var calibration = calibrator.Finish(1);
        Assert.Equal([0f, 0f, 0f], calibration.Scores);
        Assert.True(calibration.Threshold > 0);
        Assert.Equal(0, calibration.PixelMean);
    }

    [Fact]
    public void The_fitted_tail_of_exponential_scores_is_near_their_true_quantile()
    {
        var random = new Random(7);
        var calibration = Calibrate(Enumerable.Range(0, 500).Select(_ => -MathF.Log(1 - random.NextSingle())), falseAlarms: 1);
        Assert.InRange(calibration.Threshold, 5.5, 8.5); // the quantile is ln 1000 = 6.9
    }

    [Fact]
    public void A_p_value_counts_the_good_scores_at_or_above()
    {
        var calibration = Calibrate([1f, 2f, 3f], falseAlarms: 1);
        Assert.Equal(3.0 / 4, calibration.PValue(2f));
        Assert.Equal(1.0 / 4, calibration.PValue(9f));
    }

    [Fact]
    public void Mean_plus_3_std_is_of_all_pixels()
    {
        var calibrator = new Calibrator();
        calibrator.Add(new AnomalyMap(2, 1, [1f, 5f]));
        calibrator.Add(new AnomalyMap(2, 1, [1f, 5f]));
        var calibration = calibrator.Finish(1, ThresholdRule.MeanPlus3Std);
        Assert.Equal(9f, calibration.Threshold);
        Assert.Equal(9, calibration.MeanPlus3Std, 1e-9);
    }

    [Fact]
    public void Going_on_from_an_earlier_calibration_gives_the_deviation_of_all_pixels()
    {
        AnomalyMap[] maps = [new(3, 1, [1f, 2f, 6f]), new(3, 1, [0.5f, 3f, 3f]), new(3, 1, [10f, 20f, 40f])];
        var whole = new Calibrator();
        var earlier = new Calibrator();
        foreach (var map in maps)
            whole.Add(map);
        foreach (var map in maps[..2])
            earlier.Add(map);
        var resumed = new Calibrator(earlier.Finish(1), _ => true, pixels: 3);
        resumed.Add(maps[2]);
        var (expected, got) = (whole.Finish(1), resumed.Finish(1));
        Assert.Equal(85.5 / 9, got.PixelMean, 1e-6);
        Assert.Equal(Math.Sqrt((2159.25 / 9) - (9.5 * 9.5)), got.PixelStd, 1e-6);
        Assert.Equal((expected.PixelMean, expected.PixelStd), (got.PixelMean, got.PixelStd), (a, b) => Math.Abs(a.PixelMean - b.PixelMean) + Math.Abs(a.PixelStd - b.PixelStd) < 1e-9);
        Assert.Equal(expected.Scores, got.Scores);
    }

    [Theory]
    [InlineData(0, 50, 0, 0.0711)]
    [InlineData(50, 50, 0.9289, 1)]
    [InlineData(5, 100, 0.0164, 0.1128)]
    public void The_interval_is_Clopper_and_Pearson_s(int alarms, int parts, double low, double high)
    {
        var interval = FalseAlarmRate.Interval(alarms, parts);
        Assert.Equal(low, interval.Low, 1e-4);
        Assert.Equal(high, interval.High, 1e-4);
    }

    [Fact]
    public void The_middle_of_the_heatmap_s_scale_is_the_threshold()
    {
        var calibration = Calibrate([1f, 2f, 3f, 4f], falseAlarms: 1);
        Assert.Equal(calibration.Threshold, (calibration.HeatmapScale.Low + calibration.HeatmapScale.High) / 2, 1e-4);
    }

    [Fact]
    public void One_held_out_image_is_too_few_and_two_are_enough()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Calibrate([1f], falseAlarms: 1));
        Assert.Equal("a calibration needs at least 2 held-out images, got 1", error.Message);
        Assert.Equal(2, Calibrate([1f, 2f], falseAlarms: 1).Scores.Count);
    }

    /// <summary>Peaks over threshold by hand: the tail's mean excess over u, and the quantile of the exponential that it gives.</summary>
    [Theory]
    [InlineData(10, 5)] // at least five
    [InlineData(40, 8)] // a fifth
    [InlineData(4, 3)]  // all but the lowest
    public void The_fitted_tail_is_that_of_the_highest_scores(int images, int tail)
    {
        float[] scores = [.. Enumerable.Range(1, images).Select(i => (float)(i * i))];
        var calibration = Calibrate(scores, falseAlarms: 1);
        double u = scores[images - tail - 1];
        var sigma = scores[^tail..].Average(s => s - u);
        Assert.Equal(u + (sigma * Math.Log(1000.0 * tail / images)), calibration.Threshold, 1e-3);
        Assert.Equal((ThresholdRule.FittedTail, 1.0), (calibration.Rule, calibration.FalseAlarmsWanted));
    }

    [Fact]
    public void Where_every_part_may_be_rejected_the_tail_is_fitted_and_nothing_is_read_behind_the_lowest_score()
    {
        Assert.Equal(ThresholdRule.FittedTail, Calibrate([1f, 2f, 3f], falseAlarms: 1000).Rule);
        Assert.Equal(ThresholdRule.Quantile, Calibrate([1f, 2f, 3f], falseAlarms: 700).Rule);
    }

    [Fact]
    public void The_text_and_the_figures_give_the_interval_in_a_thousand_parts()
    {
        var calibration = Calibrate(Enumerable.Range(1, 1000).Select(i => (float)i), falseAlarms: 10);
        var (low, high) = FalseAlarmRate.Interval(10, 1000);
        Assert.Equal((1000 * low, 1000 * high), (calibration.FalseAlarmsLow, calibration.FalseAlarmsHigh));
        Assert.Equal(
            "10 of 1000 held-out good images lie above the threshold: 4.8 to 18.3 false rejects (false alarms) in 1000 good parts (95 % confidence). "
            + "To guarantee 10 in 1000 takes a higher threshold: a lower --false-alarms.", CalibrationText.Describe(calibration));
        Assert.EndsWith("takes a higher threshold: --threshold rate.", CalibrationText.Describe(calibration with { Rule = ThresholdRule.MeanPlus3Std }), StringComparison.Ordinal);
        Assert.EndsWith("confidence).", CalibrationText.Describe(calibration with { FalseAlarmsHigh = 10 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_a_fitted_tail_is_called_an_estimate()
    {
        var calibration = Calibrate(Enumerable.Range(1, 20).Select(i => 1 + (i / 100f)), falseAlarms: 1);
        Assert.EndsWith("without a false reject. The threshold is an estimate from the highest scores' fitted tail.", CalibrationText.Describe(calibration), StringComparison.Ordinal);
        Assert.EndsWith("without a false reject.", CalibrationText.Describe(calibration with { Rule = ThresholdRule.Given }), StringComparison.Ordinal);
    }

    /// <summary>The number of parts that the text asks for keeps the promise, and one part less does not.</summary>
    [Theory]
    [InlineData(0.001)]
    [InlineData(0.05)]
    public void The_parts_that_a_promise_takes_are_the_fewest_that_keep_it(double rate)
    {
        var parts = FalseAlarmRate.PartsToPromise(rate);
        Assert.True(FalseAlarmRate.Interval(0, parts).High <= rate);
        Assert.True(FalseAlarmRate.Interval(0, parts - 1).High > rate);
    }

    [Fact]
    public void Background_pixels_of_exactly_0_count_only_where_a_map_has_no_background()
    {
        var (part, whole) = (new Calibrator(), new Calibrator());
        for (var i = 0; i < 2; i++)
        {
            part.Add(new AnomalyMap(4, 1, [0f, 0f, 2f, 4f]), partOnly: true);
            whole.Add(new AnomalyMap(4, 1, [0f, 0f, 2f, 4f]));
        }

        Assert.Equal((3, 1), (part.Finish(1).PixelMean, part.Finish(1).PixelStd));
        Assert.Equal((1.5, Math.Sqrt(2.75)), (whole.Finish(1).PixelMean, whole.Finish(1).PixelStd));
    }

    [Fact]
    public void Several_calibrations_together_have_the_figures_of_all_their_images()
    {
        AnomalyMap[] maps = [new(3, 1, [1f, 2f, 6f]), new(3, 1, [0.5f, 3f, 3f]), new(3, 1, [10f, 20f, 40f]), new(3, 1, [1f, 1f, 1f]), new(3, 1, [2f, 7f, 1f])];
        var (whole, first, second) = (new Calibrator(), new Calibrator(), new Calibrator());
        for (var i = 0; i < maps.Length; i++)
        {
            whole.Add(maps[i]);
            (i < 2 ? first : second).Add(maps[i]);
        }

        var (expected, got) = (whole.Finish(1), new Calibrator([first.Finish(1), second.Finish(1)], pixels: 3).Finish(1));
        Assert.Equal(expected.Scores, got.Scores);
        Assert.Equal(expected.PixelMean, got.PixelMean, 1e-9);
        Assert.Equal(expected.PixelStd, got.PixelStd, 1e-9);
        Assert.Equal(expected.Threshold, got.Threshold);
    }

    [Fact]
    public void A_score_that_no_longer_counts_is_left_out_and_the_others_stay()
    {
        var earlier = Calibrate([1f, 2f, 3f, 4f], falseAlarms: 1);
        var resumed = new Calibrator(earlier, i => i != 1, pixels: 2).Finish(1);
        Assert.Equal([1f, 3f, 4f], resumed.Scores);
        Assert.Equal(earlier.PixelMean, resumed.PixelMean, 1e-9);
        Assert.Equal(earlier.PixelStd, resumed.PixelStd, 1e-9);
    }

    [Fact]
    public void The_heatmap_s_scale_begins_at_the_normal_mean_and_is_never_empty()
    {
        var calibration = Calibrate([1f, 2f, 3f, 4f], falseAlarms: 1);
        Assert.Equal((float)calibration.PixelMean, calibration.HeatmapScale.Low);
        var flat = new Calibrator();
        for (var i = 0; i < 2; i++)
            flat.Add(new AnomalyMap(2, 1, [1f, 5f]));
        for (var i = 0; i < 1000; i++)
            flat.Add(new AnomalyMap(2, 1, [0f, 0f]));
        var low = flat.Finish(500); // its threshold lies below the mean
        Assert.True(low.Threshold < low.PixelMean);
        Assert.Equal((float)(low.PixelMean + low.PixelStd), low.HeatmapScale.High);
    }

    private static Calibration Calibrate(IEnumerable<float> imageScores, double falseAlarms)
    {
        var calibrator = new Calibrator();
        foreach (var score in imageScores)
            calibrator.Add(new AnomalyMap(2, 1, [0f, score]));
        return calibrator.Finish(falseAlarms);
    }
}
