using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class GoodImagesTests
{
    private const int Side = 256;
    private static readonly ReferenceStatistics Good = Learned();
    private static readonly ReferenceStatistics Still = Learned(moves: false);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0.8, 1)]
    [InlineData(1, 3)]
    public void Another_good_part_has_no_fault(double light, int move)
    {
        using var image = Part(99, light, move);

        Assert.Null(Good.FaultOf(image));
    }

    [Fact]
    public void A_dark_image_is_reported_with_its_brightness()
    {
        using var image = Part(99, light: 0.3);

        AssertFault(ImageFaultKind.Dark, Good.FaultOf(image), "dark: mean brightness");
    }

    [Fact]
    public void A_blown_out_image_is_reported_with_the_share_of_white()
    {
        using var image = Part(99, light: 8);

        AssertFault(ImageFaultKind.BlownOut, Good.FaultOf(image), "blown out: share of saturated pixels");
    }

    [Fact]
    public void A_blurred_image_is_reported_with_its_sharpness()
    {
        using var sharp = Part(99);
        using var small = ImageResize.Resize(sharp, Side / 6, Side / 6);
        using var image = ImageResize.Resize(small, Side, Side);

        AssertFault(ImageFaultKind.Blurred, Good.FaultOf(image), "blurred: sharpness");
    }

    [Fact]
    public void An_image_without_the_part_is_reported_with_its_correlation()
    {
        using var image = Part(99, isThere: false);

        AssertFault(ImageFaultKind.PartAbsent, Good.FaultOf(image), "the part is absent or another: likeness to good parts");
    }

    [Fact]
    public void A_part_that_has_moved_is_reported_with_its_shift_in_pixels()
    {
        using var image = Part(99, move: 24);

        var fault = Good.FaultOf(image);

        AssertFault(ImageFaultKind.PartMoved, fault, "the part has moved: way in px");
        Assert.InRange(fault!.Value, 20, 28);
    }

    [Fact]
    public void Sixteen_bits_and_colours_are_measured_as_eight_bits_of_grey_are()
    {
        using var grey = Part(99);
        using var deep = new Image(Side, Side, 1, PixelDepth.Sixteen);
        using var colour = new Image(Side, Side, 3);
        using var deepColour = new Image(Side, Side, 3, PixelDepth.Sixteen);
        for (var i = 0; i < Side * Side; i++)
        {
            deep.Samples16[i] = (ushort)(grey.Bytes[i] * 257);
            colour.Bytes.Slice(3 * i, 3).Fill(grey.Bytes[i]);
            deepColour.Samples16.Slice(3 * i, 3).Fill(deep.Samples16[i]);
        }

        var wanted = ImageStatistics.Of(grey);
        foreach (var look in (ImageStatistics[])[ImageStatistics.Of(deep), ImageStatistics.Of(colour), ImageStatistics.Of(deepColour)])
        {
            Assert.All(wanted.Grey.Zip(look.Grey), pair => Assert.Equal(pair.First, pair.Second, 3e-3f));
            Assert.Equal(wanted.Brightness, look.Brightness, 1e-6);
            Assert.Equal(wanted.Sharpness, look.Sharpness, 1e-6);
            Assert.Equal(wanted.Saturated, look.Saturated, 1e-6);
        }
    }

    [Fact]
    public void Parts_that_are_not_alike_are_not_looked_for()
    {
        var learner = new ReferenceStatisticsLearner();
        var random = new Random(1);
        for (var i = 0; i < 10; i++)
        {
            using var noise = new Image(Side, Side, 1);
            random.NextBytes(noise.Bytes);
            learner.Add(noise);
        }

        var good = learner.Finish();
        Assert.Equal((null, null), (good.MinCorrelation, good.MaxShift));
        Assert.Equal((null, null), (good.Appearance!.X, good.Appearance.Y));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(8, 0)]
    [InlineData(-8, 0)]
    [InlineData(0, 16)]
    [InlineData(4, -12)] // half a pixel of the thumbnail to the right, one and a half up
    public void A_shift_is_measured_across_and_down_with_its_fraction(int right, int down)
    {
        using var image = Part(99, move: right, down: down);

        var drift = Still.Read(image).Drift!.Value;

        Assert.Equal((double)right / Side, ShareOf(drift.X!.Value, Still.Appearance!.X!), 0.005);
        Assert.Equal((double)down / Side, ShareOf(drift.Y!.Value, Still.Appearance!.Y!), 0.005);
    }

    [Fact]
    public void A_shift_beyond_what_is_searched_is_told_as_the_largest_that_is()
    {
        using var image = Part(99, move: 40);

        Assert.InRange(Good.FaultOf(image)!.Value, Side / 8 - 1, Side / 8 + 1);
    }

    [Theory]
    [InlineData(0.8)]
    [InlineData(1.1)]
    public void Light_drifts_by_the_logarithm_of_its_ratio_and_nothing_else_does(double light)
    {
        using var image = Part(99, light);

        var drift = Good.Read(image).Drift!.Value;

        Assert.Equal(Math.Log(light), drift.Light * Good.Appearance!.Light.Spread, 0.02);
        Assert.InRange(Math.Abs(drift.Focus), 0, 2);
        Assert.InRange(Math.Abs(drift.X!.Value), 0, 2);
    }

    [Fact]
    public void A_black_spot_on_the_part_is_no_change_of_the_light()
    {
        using var image = Part(99);
        for (var y = 60; y < 80; y++)
            image.Bytes.Slice((y * Side) + 80, 80).Clear();

        Assert.InRange(Good.Read(image).Drift!.Value.Light, -2, 2);
    }

    [Fact]
    public void Without_a_part_there_is_no_drift_and_on_a_dark_one_there_is()
    {
        using var empty = Part(99, isThere: false);
        using var dark = Part(99, light: 0.3);

        Assert.Null(Good.Read(empty).Drift);
        Assert.Equal(Math.Log(0.3), Good.Read(dark).Drift!.Value.Light * Good.Appearance!.Light.Spread, 0.05);
    }

    [Fact]
    public void An_image_just_at_each_limit_is_fit_and_one_just_beyond_is_not()
    {
        using var image = Part(99, move: 8);
        var measured = ImageStatistics.Of(image);
        var strict = Good with { MinBrightness = measured.Brightness, MaxSaturated = measured.Saturated, MinSharpness = measured.Sharpness };
        var correlation = (Good with { MinCorrelation = 2 }).FaultOf(image)!.Value;
        strict = strict with { MinCorrelation = correlation };
        var shift = (strict with { MaxShift = 0 }).FaultOf(image)!.Value / Side;
        strict = strict with { MaxShift = shift };

        Assert.Null(strict.FaultOf(image));
        Assert.Equal(ImageFaultKind.Dark, (strict with { MinBrightness = Math.BitIncrement(measured.Brightness) }).FaultOf(image)!.Kind);
        Assert.Equal(ImageFaultKind.BlownOut, (strict with { MaxSaturated = measured.Saturated - 1e-9 }).FaultOf(image)!.Kind);
        Assert.Equal(ImageFaultKind.Blurred, (strict with { MinSharpness = Math.BitIncrement(measured.Sharpness) }).FaultOf(image)!.Kind);
        Assert.Equal(ImageFaultKind.PartAbsent, (strict with { MinCorrelation = Math.BitIncrement(correlation) }).FaultOf(image)!.Kind);
        var moved = (strict with { MaxShift = 0.9 * shift }).FaultOf(image)!;
        Assert.Equal((ImageFaultKind.PartMoved, shift * Side, 0.9 * shift * Side), (moved.Kind, moved.Value, moved.Limit));
    }

    [Fact]
    public void The_way_of_a_part_is_told_in_pixels_of_the_longer_side()
    {
        using var image = Part(99, move: 24);
        using var flat = ImageResize.Resize(image, Side, Side / 2);

        Assert.InRange((Good with { Width = null, Height = null, MinSharpness = 0 }).FaultOf(flat)!.Value, 20, 28);
    }

    [Theory]
    [InlineData(Side, Side / 2)]
    [InlineData(Side / 2, Side)]
    public void An_image_of_another_size_is_left_to_the_detector_which_refuses_it(int width, int height)
    {
        using var black = new Image(width, height, 1);
        black.Bytes.Clear();

        Assert.Equal((null, null), (Good.Read(black).Fault, Good.Read(black).Drift));
        Assert.Equal(ImageFaultKind.Dark, (Good with { Width = null, Height = null }).FaultOf(black)!.Kind);
    }

    [Fact]
    public void The_limits_are_half_the_light_and_sharpness_of_the_worst_good_image_and_as_far_again_as_parts_moved()
    {
        var learner = new ReferenceStatisticsLearner();
        var statistics = new List<ImageStatistics>();
        for (var i = 0; i < 4; i++)
        {
            using var image = Part(i, light: 1 - (0.1 * i), move: 16 * (i % 2));
            if (i == 2)
                image.Bytes[..(Side * Side / 5)].Fill(255);
            learner.Add(image);
            statistics.Add(ImageStatistics.Of(image));
        }

        var good = learner.Finish();

        Assert.Equal((Side, Side), (good.Width, good.Height));
        Assert.Equal(statistics.Min(s => s.Brightness) / 2, good.MinBrightness, 1e-9);
        Assert.Equal(statistics.Min(s => s.Sharpness) / 2, good.MinSharpness, 1e-9);
        var saturated = statistics.Max(s => s.Saturated);
        Assert.Equal(saturated + ((1 - saturated) / 4), good.MaxSaturated, 1e-9);
        Assert.Equal((0, 255), (good.Mean.Min(), good.Mean.Max()));
    }

    [Fact]
    public void Parts_that_hardly_move_may_move_by_three_per_cent_more_and_others_by_as_much_again()
    {
        Assert.InRange(Still.MaxShift!.Value, 0.03, 0.035);
        var learner = new ReferenceStatisticsLearner();
        for (var i = 0; i < 6; i++)
        {
            using var image = Part(i, move: i == 4 ? 12 : 0);
            learner.Add(image);
        }

        Assert.Equal(2 * 12.0 / Side, learner.Finish().MaxShift!.Value, 0.01);
    }

    [Fact]
    public void Good_images_whose_correlations_differ_by_more_than_a_quarter_have_a_limit_as_far_below()
    {
        var learner = new ReferenceStatisticsLearner();
        List<float[]> thumbnails = [];
        for (var i = 0; i < 6; i++)
        {
            using var image = Thumbnail(i, noise: i == 4 ? 48 : 2);
            learner.Add(image);
            thumbnails.Add(ImageStatistics.Of(image).Thumbnail);
        }

        var correlations = thumbnails.ConvertAll(of => CorrelationOf(of, thumbnails.Where(t => t != of)));
        var (min, max) = (correlations.Min(), correlations.Max());
        Assert.InRange(max - min, 0.26, 0.4);
        Assert.Equal(min - (max - min), learner.Finish().MinCorrelation!.Value, 1e-3);
    }

    [Fact]
    public void Good_images_of_several_sizes_have_no_size_and_are_checked_all_the_same()
    {
        var learner = new ReferenceStatisticsLearner();
        for (var i = 0; i < 4; i++)
        {
            using var image = Part(i);
            using var small = ImageResize.Resize(image, Side / 2, Side / 2);
            learner.Add(i % 2 == 0 ? image : small);
        }

        var good = learner.Finish();

        Assert.Equal((null, null), (good.Width, good.Height));
        using var dark = Part(99, light: 0.3);
        Assert.Equal(ImageFaultKind.Dark, good.FaultOf(dark)!.Kind);
    }

    [Fact]
    public void Measures_of_a_picture_worked_out_by_hand()
    {
        using var image = new Image(5, 3, 1);
        new byte[] { 0, 0, 0, 0, 0, 0, 10, 254, 253, 0, 0, 0, 0, 0, 0 }.CopyTo(image.Bytes);

        var measured = ImageStatistics.Of(image);

        // The border has no Laplacian and is not measured; 254 is white, 253 is not.
        Assert.Equal((10 + 254 + 253) / 3.0 / 255, measured.Brightness, 1e-9);
        Assert.Equal(1 / 3.0, measured.Saturated, 1e-9);
        double[] bends = [(4 * 10) - 254, (4 * 254) - 10 - 253, (4 * 253) - 254];
        Assert.Equal(Math.Sqrt(bends.Sum(b => b * b) / 3) / (517 / 3.0), measured.Sharpness, 1e-9);
    }

    [Fact]
    public void Each_line_is_compared_with_the_lines_just_above_and_below_it()
    {
        using var image = new Image(3, 4, 1);
        new byte[] { 0, 10, 0, 0, 20, 0, 0, 40, 0, 0, 80, 0 }.CopyTo(image.Bytes);

        double[] bends = [(4 * 20) - 10 - 40, (4 * 40) - 20 - 80];
        Assert.Equal(Math.Sqrt(bends.Sum(b => b * b) / 2) / 30, ImageStatistics.Of(image).Sharpness, 1e-9);
    }

    [Fact]
    public void A_high_picture_is_measured_on_every_second_line_of_its_green()
    {
        using var image = new Image(3, 512, 3);
        for (var i = 0; i < image.ByteCount; i++)
            image.Bytes[i] = (byte)(i % 3 != 1 ? 77 : i / 9 % 2 == 1 ? 100 : 200);

        Assert.Equal(100 / 255.0, ImageStatistics.Of(image).Brightness, 1e-9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_picture_of_one_brightness_has_no_content(int channels)
    {
        using var image = new Image(64, 64, channels);
        image.Bytes.Fill(51);

        var measured = ImageStatistics.Of(image);

        Assert.All(measured.Thumbnail, v => Assert.Equal(0, v));
        Assert.All(measured.Grey, v => Assert.Equal(0.2f, v, 1e-6f));
        Assert.Equal(0, measured.Sharpness);
    }

    [Fact]
    public void The_thumbnail_has_the_mean_0_and_the_length_1()
    {
        using var image = Part(5);
        var thumbnail = ImageStatistics.Of(image).Thumbnail;

        Assert.Equal(0, thumbnail.Average(v => (double)v), 1e-6);
        Assert.Equal(1, thumbnail.Sum(v => (double)v * v), 1e-5);
    }

    /// <summary>The correlation with the mean of the others where the part does not move; a thumbnail has the mean 0 and the length 1.</summary>
    private static double CorrelationOf(float[] thumbnail, IEnumerable<float[]> others)
    {
        double[] mean = [.. Enumerable.Range(0, thumbnail.Length).Select(i => others.Sum(o => (double)o[i]))];
        return thumbnail.Zip(mean, (a, b) => a * b).Sum() / Math.Sqrt(mean.Sum(v => v * v));
    }

    private static double ShareOf(double sigmas, ReferenceValue value) => value.Median + (sigmas * value.Spread);

    private static void AssertFault(ImageFaultKind kind, ImageFault? fault, string text)
    {
        Assert.Equal(kind, fault?.Kind);
        Assert.StartsWith(text, fault!.ToString(), StringComparison.Ordinal);
    }

    private static ReferenceStatistics Learned(bool moves = true)
    {
        var learner = new ReferenceStatisticsLearner();
        for (var i = 0; i < 12; i++)
        {
            using var image = Part(i, move: moves ? i % 4 : 0);
            learner.Add(image);
        }

        return learner.Finish();
    }

    /// <summary>A bright square on a dark ground, of the size of a thumbnail, so that noise is not averaged.</summary>
    private static Image Thumbnail(int seed, int noise)
    {
        var random = new Random(seed);
        var image = new Image(32, 32, 1);
        for (var i = 0; i < image.Bytes.Length; i++)
            image.Bytes[i] = (byte)((i % 32 is >= 8 and < 24 && i / 32 is >= 8 and < 24 ? 160 : 100) + random.Next(-noise, noise + 1));
        return image;
    }

    /// <summary>A bright noisy square on a dark noisy ground.</summary>
    private static Image Part(int seed, double light = 1, int move = 0, bool isThere = true, int down = 0)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 1);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var part = isThere && x - move is > 80 and < 160 && y - down is > 60 and < 180;
                image.Bytes[(y * Side) + x] = (byte)Math.Min(255, light * ((part ? 110 : 60) + random.Next(30)));
            }
        }

        return image;
    }
}
