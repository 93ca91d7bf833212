using MrfAd.Engine.Alignment;
using MrfAd.Engine.Masks;
using OpenCvSharp;

namespace MrfAd.Engine.Tests.Masks;

public sealed class RegionLabelsTests
{
    private const int Width = 100, Height = 80;

    [Fact]
    public void A_rectangle_covers_exactly_its_pixels()
    {
        var labels = Labels(Region(RegionKind.Inspect, (10, 20), (40, 20), (40, 50), (10, 50)));

        Assert.Equal(30 * 30, labels.Labels.Count(RegionLabels.Part));
        foreach (var (x, y, isIn) in (ReadOnlySpan<(int, int, bool)>)[(10, 20, true), (9, 20, false), (10, 19, false), (39, 49, true), (40, 49, false), (39, 50, false)])
            Assert.Equal(isIn ? RegionLabels.Part : RegionLabels.Ignored, labels.Labels[(y * Width) + x]);
    }

    [Fact]
    public void A_region_over_the_whole_image_leaves_out_no_pixel() =>
        Assert.Equal(Width * Height, Labels(Region(RegionKind.Inspect, (0, 0), (Width, 0), (Width, Height), (0, Height))).Labels.Count(RegionLabels.Part));

    [Fact]
    public void A_pixel_is_in_a_polygon_where_its_centre_is()
    {
        (double, double)[] star = [(50, 3.2), (58.7, 30), (90, 31.4), (65, 48), (74, 77.3), (50, 59), (26.1, 77), (35, 48), (10, 31), (41, 30)];

        var labels = Labels(Region(RegionKind.Inspect, star));

        for (var i = 0; i < Width * Height; i++)
            Assert.Equal(IsIn(star, (i % Width) + 0.5, (i / Width) + 0.5) ? RegionLabels.Part : RegionLabels.Ignored, labels.Labels[i]);
    }

    [Fact]
    public void A_polygon_is_OpenCV_s_without_half_of_its_border()
    {
        (double X, double Y)[] shape = [(12, 9), (81, 17), (66, 70), (30, 44), (15, 66)];
        using var filled = new Mat(Height, Width, MatType.CV_8U, Scalar.All(0));
        Cv2.FillPoly(filled, [[.. shape.Select(p => new Point((int)p.X, (int)p.Y))]], Scalar.All(1));
        using var border = new Mat(Height, Width, MatType.CV_8U, Scalar.All(0));
        Cv2.Polylines(border, [[.. shape.Select(p => new Point((int)p.X, (int)p.Y))]], true, Scalar.All(1), thickness: 2);

        // OpenCV's corners are centres of pixels.
        var labels = Labels(Region(RegionKind.Inspect, [.. shape.Select(p => (p.X + 0.5, p.Y + 0.5))]));

        for (var i = 0; i < Width * Height; i++)
        {
            if (border.At<byte>(i / Width, i % Width) == 0)
                Assert.Equal(filled.At<byte>(i / Width, i % Width), labels.Labels[i]);
        }
    }

    [Fact]
    public void Ignored_regions_hold_before_all_and_a_later_named_one_before_an_earlier()
    {
        var labels = Labels(
            Region(RegionKind.Ignore, (0, 0), (10, 0), (10, 10), (0, 10)),
            Named("a", (0, 0), (30, 0), (30, 30), (0, 30)),
            Named("b", (20, 20), (50, 20), (50, 50), (20, 50)));

        Assert.Equal(RegionLabels.Ignored, At(5, 5));
        Assert.Equal("a", labels.RegionOf(At(15, 15))!.Name);
        Assert.Equal("b", labels.RegionOf(At(25, 25))!.Name);
        Assert.Equal(RegionLabels.Part, At(70, 70));
        Assert.Null(labels.RegionOf(RegionLabels.Part));

        byte At(int x, int y) => labels.Labels[(y * Width) + x];
    }

    [Fact]
    public void Named_regions_are_inspected_beside_those_to_inspect_alone()
    {
        var labels = Labels(Region(RegionKind.Inspect, (0, 0), (10, 0), (10, 10), (0, 10)), Named("a", (20, 0), (30, 0), (30, 10), (20, 10)));

        Assert.Equal(100, labels.Labels.Count(RegionLabels.Part));
        Assert.Equal(100, labels.Labels.Count((byte)2));
        Assert.Equal((Width * Height) - 200, labels.Labels.Count(RegionLabels.Ignored));
    }

    [Fact]
    public void Only_patches_without_an_inspected_pixel_are_ignored()
    {
        // The patches are 10 px wide: the region covers the third column, and a pixel's width of the fourth.
        var labels = Labels(Region(RegionKind.Inspect, (20, 0), (31, 0), (31, Height), (20, Height)));

        var inspected = labels.Inspected(10, 8);

        for (var patch = 0; patch < 80; patch++)
            Assert.Equal(patch % 10 is 2 or 3, inspected[patch]);
        int[] patches = [.. Enumerable.Range(0, 20)];
        Assert.Equal([2, 3, 12, 13], patches[..labels.Keep(10, 8, patches)]);
    }

    [Fact]
    public void Every_inspected_pixel_is_in_an_inspected_patch_whatever_the_grid()
    {
        var labels = Labels(Region(RegionKind.Inspect, (33.3, 20.1), (52.7, 61.4), (18.2, 44.9)));

        foreach (var (columns, rows) in (ReadOnlySpan<(int, int)>)[(7, 5), (13, 11), (100, 80), (130, 90)])
        {
            for (var i = 0; i < Width * Height; i++)
            {
                var patch = ((i / Width * rows / Height) * columns) + (i % Width * columns / Width);
                Assert.True(labels.Labels[i] == RegionLabels.Ignored || labels.Inspected(columns, rows)[patch]);
            }
        }
    }

    [Fact]
    public void A_part_that_lies_elsewhere_has_its_regions_there()
    {
        var labels = Labels(Region(RegionKind.Inspect, (30, 20), (60, 25), (55, 50), (28, 44)));
        var place = Similarity.About((50, 40), (53.4, 37.1), 23.7);
        var seen = new byte[Width * Height];

        labels.Draw(seen, place.Map);

        var polygon = labels.Regions.Regions[0].Points.Select(p => (p[0], p[1])).ToArray();
        for (var i = 0; i < seen.Length; i++)
        {
            var (x, y) = place.Inverse().Map((i % Width) + 0.5, (i / Width) + 0.5);
            Assert.Equal(IsIn(polygon, x, y) ? RegionLabels.Part : RegionLabels.Ignored, seen[i]);
        }
    }

    [Fact]
    public void Regions_that_leave_nothing_to_inspect_are_refused()
    {
        var error = Assert.Throws<RegionException>(() => Labels(Region(RegionKind.Inspect, (10, 10), (20, 10), (20, 20)), Region(RegionKind.Ignore, (5, 5), (50, 5), (50, 50), (5, 50))));

        Assert.Equal("the regions leave nothing of the image to inspect", error.Message);
    }

    [Fact]
    public void Scores_of_regions_with_limits_of_their_own_are_left_out_or_related_to_the_threshold()
    {
        var labels = Labels(Named("own", (0, 0), (10, 0), (10, 10), (0, 10)) with { Threshold = 4 }, Named("name only", (20, 0), (30, 0), (30, 10), (20, 10)));
        var scores = new float[Width * Height];
        Array.Fill(scores, 3);

        labels.RelateTo(2, scores);
        Assert.Equal([1.5f, 3, 3], [scores[0], scores[25], scores[50]]);
        labels.ClearOwnLimits(scores);
        Assert.Equal([0, 3, 3], [scores[0], scores[25], scores[50]]);
    }

    private static bool IsIn((double X, double Y)[] polygon, double x, double y)
    {
        var isIn = false;
        for (var i = 0; i < polygon.Length; i++)
        {
            var (a, b) = (polygon[i], polygon[(i + 1) % polygon.Length]);
            if (a.Y > y != b.Y > y && x < a.X + ((y - a.Y) * (b.X - a.X) / (b.Y - a.Y)))
                isIn = !isIn;
        }

        return isIn;
    }

    private static RegionLabels Labels(params PartRegion[] regions) => new(new PartRegions { WidthPx = Width, HeightPx = Height, Regions = regions });

    private static PartRegion Named(string name, params (double X, double Y)[] points) => Region(RegionKind.Named, points) with { Name = name };

    private static PartRegion Region(RegionKind kind, params (double X, double Y)[] points) => new() { Kind = kind, Points = [.. points.Select(p => (IReadOnlyList<double>)[p.X, p.Y])] };
}
