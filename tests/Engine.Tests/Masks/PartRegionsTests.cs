using System.Globalization;
using MrfAd.Engine.Masks;

namespace MrfAd.Engine.Tests.Masks;

public sealed class PartRegionsTests
{
    private const string Square = "[[10, 10], [20, 10], [20, 20], [10, 20]]";

    [Fact]
    public void Regions_are_read_as_they_are_written()
    {
        var regions = Read($$"""
            {
              // drawn over 012.png
              "width_px": 100, "height_px": 80, "image": "012.png",
              "regions": [
                { "kind": "inspect", "points": {{Square}} },
                { "name": "label", "kind": "named", "threshold": 1.5, "min_area_px": 40, "points": [[0, 0], [100, 0], [100, 80.5e0]] },
              ]
            }
            """.Replace("80.5e0", "80", StringComparison.Ordinal));

        var again = PartRegions.FromJson(regions.ToJson(), "again");

        Assert.Equal((100, 80, "012.png"), (again.WidthPx, again.HeightPx, again.Image));
        Assert.Equal((RegionKind.Named, "label", 1.5f, 40), (again.Regions[1].Kind, again.Regions[1].Name, again.Regions[1].Threshold!.Value, again.Regions[1].MinAreaPx!.Value));
        Assert.True(again.Regions[1].HasOwnLimit);
        Assert.False(again.Regions[0].HasOwnLimit);
        Assert.Equal([20, 20], again.Regions[0].Points[2]);
        Assert.Equal(regions.Sha256, again.Sha256);
        Assert.NotEqual(regions.Sha256, (again with { Image = "013.png" }).Sha256);
    }

    [Theory]
    [InlineData("""{ "kind": "named", "points": SQUARE }""", "region 1: want a name for a region of the kind named, got none")]
    [InlineData("""{ "name": "a", "kind": "ignore", "threshold": 1, "points": SQUARE }""", "region 'a': want a threshold or a least area only for the kind named, got one for ignore")]
    [InlineData("""{ "name": "a", "kind": "named", "threshold": 0, "points": SQUARE }""", "region 'a': want a threshold above 0, got 0")]
    [InlineData("""{ "name": "a", "kind": "named", "threshold": 1e99, "points": SQUARE }""", "region 'a': want a threshold above 0, got Infinity")]
    [InlineData("""{ "name": "a", "kind": "named", "min_area_px": 0, "points": SQUARE }""", "region 'a': want a least area of at least 1 px, got 0")]
    [InlineData("""{ "name": "", "kind": "named", "points": SQUARE }""", "region 1: want a name of 1 to 64 characters, got 0")]
    [InlineData("""{ "name": "a\u0007b", "kind": "named", "points": SQUARE }""", "region 1: its name has a control character")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": SQUARE }, { "name": "a", "kind": "ignore", "points": SQUARE }""", "region 'a': want a name for each region, got this one twice")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], [2, 2]] }""", "region 'a': want 3 to 200 points, got 2")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], [2], [3, 4]] }""", "region 'a': point 2 wants two numbers, x and y, got 1")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], null, [3, 4]] }""", "region 'a': point 2 wants two numbers, x and y, got null")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], [1e999, 2], [3, 4]] }""", "region 'a': point 2 is not finite")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], [100.5, 2], [3, 4]] }""", "region 'a': point 2 wants a place within the image of 100x80, got (100.5, 2)")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[1, 1], [2, -1], [3, 4]] }""", "region 'a': point 2 wants a place within the image of 100x80, got (2, -1)")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [20, 20], [20, 0], [0, 20]] }""", "region 'a': its border crosses itself: the sides that begin at points 1 and 3 meet")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [20, 0], [20, 20], [10, 0]] }""", "region 'a': its border crosses itself: the sides that begin at points 1 and 3 meet")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [20, 0], [10, 0], [10, 20]] }""", "region 'a': its border crosses itself: the sides that begin at points 1 and 2 lie on each other")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [20, 0], [20, 0], [10, 20]] }""", "region 'a': points 2 and 3 are the same")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [10, 10], [20, 20]] }""", "region 'a': its border crosses itself: the sides that begin at points 2 and 3 lie on each other")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": [[0, 0], [1, 0], [0, 1]] }""", "region 'a': want an area of at least 1 px, got 0.5")]
    [InlineData("null", "region 1 is null")]
    [InlineData("""{ "name": "a", "kind": "Foo", "points": SQUARE }""", "'regions[0].kind' in line 1 is a value of another kind than wanted")]
    [InlineData("""{ "name": "a", "kind": "ignore", "points": 3 }""", "'regions[0].points' in line 1 is a value of another kind than wanted")]
    [InlineData("""{ "name": "a", "kind": "ignore", "colour": "red", "points": SQUARE }""", "colour")]
    [InlineData("""{ "name": "a", "name": "b", "kind": "ignore", "points": SQUARE }""", "name")]
    [InlineData("""{ "name": "a", "points": SQUARE }""", "kind")]
    public void What_cannot_be_is_refused_with_the_region_the_wanted_and_the_got(string region, string reason)
    {
        var text = $$"""{ "width_px": 100, "height_px": 80, "regions": [{{region.Replace("SQUARE", Square, StringComparison.Ordinal)}}] }""";

        var error = Assert.Throws<RegionException>(() => Read(text));

        Assert.StartsWith("file.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "want an object of regions, got null")]
    [InlineData("[", "")]
    [InlineData("""{ "width_px": 0, "height_px": 80, "regions": [] }""", "want an image with sides of 1 to 100000 px, got 0x80")]
    [InlineData("""{ "width_px": 100000, "height_px": 100000, "regions": [] }""", "want an image of at most ")]
    [InlineData("""{ "width_px": 100, "height_px": 80, "regions": null }""", "regions")]
    [InlineData("""{ "width_px": 100, "height_px": 80 }""", "regions")]
    public void A_text_that_is_no_regions_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<RegionException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void There_are_limits_to_regions_and_points()
    {
        var triangle = """{ "kind": "ignore", "points": [[0, 0], [9, 0], [0, 9]] }""";
        string Of(int count) => $$"""{ "width_px": 100, "height_px": 80, "regions": [{{string.Join(',', Enumerable.Repeat(triangle, count))}}] }""";
        Assert.Equal(64, Read(Of(64)).Regions.Count);
        Assert.Contains("want at most 64 regions, got 65", Assert.Throws<RegionException>(() => Read(Of(65))).Message, StringComparison.Ordinal);

        string Round(int points) => $$"""{ "width_px": 100, "height_px": 80, "regions": [{ "kind": "ignore", "points": [{{string.Join(',', Enumerable.Range(0, points).Select(i => string.Create(CultureInfo.InvariantCulture, $"[{50 + (30 * Math.Cos(2 * Math.PI * i / points)):0.000}, {40 + (30 * Math.Sin(2 * Math.PI * i / points)):0.000}]")))}}] }] }""";
        Assert.Equal(200, Read(Round(200)).Regions[0].Points.Count);
        Assert.Contains("want 3 to 200 points, got 201", Assert.Throws<RegionException>(() => Read(Round(201))).Message, StringComparison.Ordinal);
    }

    private static PartRegions Read(string json) => PartRegions.FromJson(json, "file.json");
}
