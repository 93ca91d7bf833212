using MrfAd.Engine.Fusion;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Tests.Fusion;

public sealed class HeatmapTests
{
    private static readonly HeatmapScale Scale = new(1, 3);

    [Fact]
    public void The_same_score_has_the_same_colour_in_every_picture()
    {
        using var calm = Heatmap.Render(new AnomalyMap(2, 1, [1.5f, 1f]), Scale);
        using var wild = Heatmap.Render(new AnomalyMap(2, 1, [1.5f, 99f]), Scale);
        Assert.Equal(calm.Bytes[..3].ToArray(), wild.Bytes[..3].ToArray());
    }

    [Fact]
    public void Scores_beyond_the_scale_have_its_end_colours()
    {
        using var picture = Heatmap.Render(new AnomalyMap(4, 1, [-5f, 1f, 3f, 50f]), Scale);
        Assert.Equal(picture.Bytes[..3].ToArray(), picture.Bytes.Slice(3, 3).ToArray());
        Assert.Equal(picture.Bytes.Slice(6, 3).ToArray(), picture.Bytes.Slice(9, 3).ToArray());
        Assert.NotEqual(picture.Bytes[..3].ToArray(), picture.Bytes.Slice(6, 3).ToArray());
    }

    [Fact]
    public void A_good_part_looks_like_itself()
    {
        using var frame = new Image(2, 1, 3);
        new byte[] { 10, 20, 30, 200, 100, 50 }.CopyTo(frame.Bytes);
        using var overlay = Heatmap.Overlay(frame, new AnomalyMap(2, 1, [1f, 1.4f]), Scale, threshold: 2);
        Assert.Equal(frame.Bytes.ToArray(), overlay.Bytes.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    public void A_threshold_below_the_scale_leaves_what_is_above_it_coloured_and_the_rest_as_it_is(float threshold)
    {
        using var frame = new Image(9, 1, 3);
        frame.Bytes.Fill(100);
        using var overlay = Heatmap.Overlay(frame, new AnomalyMap(9, 1, [0.4f, 0.4f, 0.4f, 0.4f, 0.4f, 2, 2, 2, 2]), Scale, threshold);
        Assert.Equal([100, 100, 100], overlay.Bytes[..3].ToArray());
        Assert.NotEqual([100, 100, 100], overlay.Bytes.Slice(3 * 7, 3).ToArray());
        Assert.NotEqual([0, 0, 0], overlay.Bytes.Slice(3 * 7, 3).ToArray());
    }

    [Fact]
    public void A_region_has_a_white_line_around_it_and_colour_inside()
    {
        using var frame = new Image(5, 5, 1, PixelDepth.Sixteen);
        frame.Bytes.Clear();
        using var overlay = Heatmap.Overlay(frame, new AnomalyMap(5, 5, [.. Enumerable.Range(0, 25).Select(i => i % 5 is > 0 and < 4 && i / 5 is > 0 and < 4 ? 3f : 0f)]), Scale, threshold: 2);
        Assert.Equal([255, 255, 255], overlay.Bytes.Slice(3 * 6, 3).ToArray());
        Assert.Equal([0, 0, 0], overlay.Bytes[..3].ToArray());
        Assert.NotEqual([255, 255, 255], overlay.Bytes.Slice(3 * 12, 3).ToArray());
        Assert.NotEqual([0, 0, 0], overlay.Bytes.Slice(3 * 12, 3).ToArray());
    }

    [Fact]
    public void Normal_is_black_the_threshold_red_and_the_end_of_the_scale_pale_yellow()
    {
        using var picture = Heatmap.Render(new AnomalyMap(4, 1, [0, 32, 127.9f, 255]), new HeatmapScale(0, 255));
        Assert.Equal([0, 0, 4, 31, 12, 72, 185, 54, 85, 252, 255, 164], picture.Bytes.ToArray());
    }

    [Fact]
    public void A_higher_score_is_never_darker()
    {
        using var picture = Heatmap.Render(new AnomalyMap(256, 1, [.. Enumerable.Range(0, 256).Select(i => (float)i)]), new HeatmapScale(0, 255));
        var grey = picture.Bytes.ToArray().Chunk(3).Select(c => (0.299 * c[0]) + (0.587 * c[1]) + (0.114 * c[2])).ToList();
        Assert.Equal(grey.Order(), grey);
    }

    /// <summary>Half way up the ramp, which begins in the middle between the scale's low end and the threshold.</summary>
    [Theory]
    [InlineData(PixelDepth.Eight)]
    [InlineData(PixelDepth.Sixteen)]
    public void Near_the_threshold_the_frame_shows_through_in_each_of_its_colours(PixelDepth depth)
    {
        using var frame = new Image(3, 1, 3, depth);
        frame.Bytes.Fill(0xEE); // the low bytes of 16-bit samples
        for (var i = 0; i < 9; i++)
            frame.Bytes[((i + 1) * (int)depth) - 1] = (byte)(i % 3 == 0 ? 11 : i % 3 == 1 ? 21 : 30);
        using var overlay = Heatmap.Overlay(frame, new AnomalyMap(3, 1, [3, 4, 3]), new HeatmapScale(1, 9), threshold: 5);
        Assert.Equal([11, 21, 30, 48, 25, 53, 11, 21, 30], overlay.Bytes.ToArray());
    }

    [Theory]
    [InlineData(999, 1)]
    [InlineData(1000, 2)]
    public void The_line_is_thicker_in_a_large_picture(int width, int line)
    {
        using var frame = new Image(width, 9, 1);
        frame.Bytes.Fill(50);
        var map = new AnomalyMap(width, 9);
        map.Scores.Fill(3);
        using var overlay = Heatmap.Overlay(frame, map, Scale, threshold: 2);
        for (var y = 0; y < 9; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var isLine = x < line || y < line || x >= width - line || y >= 9 - line;
                Assert.Equal(isLine, overlay.Bytes.Slice(3 * ((y * width) + x), 3).SequenceEqual((byte[])[255, 255, 255]));
            }
        }
    }

    [Fact]
    public void A_pixel_at_the_threshold_is_inside_the_line()
    {
        using var frame = new Image(3, 3, 1);
        frame.Bytes.Clear();
        var map = new AnomalyMap(3, 3);
        map.Scores.Fill(2);
        using var overlay = Heatmap.Overlay(frame, map, Scale, threshold: 2);
        Assert.Equal([255, 255, 255], overlay.Bytes[..3].ToArray());
        Assert.NotEqual([255, 255, 255], overlay.Bytes.Slice(3 * 4, 3).ToArray());
    }

    [Theory]
    [InlineData(3, 2)]
    [InlineData(2, 3)]
    public void A_frame_of_another_size_than_the_map_is_refused_with_both_sizes(int width, int height)
    {
        using var frame = new Image(width, height, 1);
        var error = Assert.Throws<ArgumentException>(() => Heatmap.Overlay(frame, new AnomalyMap(2, 2), Scale, threshold: 2));
        Assert.StartsWith($"the map is 2x2, the frame {width}x{height}", error.Message, StringComparison.Ordinal);
    }
}
