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
}
