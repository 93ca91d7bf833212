using MrfAd.Engine.Defects;
using MrfAd.Engine.Images;

namespace MrfAd.Engine.Tests.Defects;

public sealed class DefectPainterTests
{
    private const int Side = 240, Radius = 80;

    public static TheoryData<DefectKind, int, PixelDepth> All =>
        [.. from kind in Enum.GetValues<DefectKind>() from channels in new[] { 1, 3 } from depth in Enum.GetValues<PixelDepth>() select (kind, channels, depth)];

    [Theory]
    [MemberData(nameof(All))]
    public void A_defect_lies_on_the_part_and_its_mask_is_what_changed(DefectKind kind, int channels, PixelDepth depth)
    {
        using var good = Part(channels, depth);
        var part = PartFinder.Find(good);
        for (var seed = 0; seed < 10; seed++)
        {
            using var painted = DefectPainter.Paint(good, kind, seed, part);
            Assert.NotNull(painted);
            var area = painted.Mask.Count(m => m);
            Assert.InRange(area, 9, 0.06 * Side * Side);
            for (var i = 0; i < painted.Mask.Length; i++)
            {
                var change = Change(good, painted.Image, i);
                Assert.True(painted.Mask[i] == (change >= 0.03) || Math.Abs(change - 0.03) < 2e-4, $"seed {seed}, pixel {i}: changed by {change}");
                Assert.True(change == 0 || part[i], $"seed {seed}, pixel {i} is not on the part");
            }
        }
    }

    [Fact]
    public void One_seed_paints_one_defect()
    {
        using var good = Part(3, PixelDepth.Eight);
        var part = PartFinder.Find(good);
        foreach (var kind in Enum.GetValues<DefectKind>())
        {
            using var first = DefectPainter.Paint(good, kind, 5, part)!;
            using var again = DefectPainter.Paint(good, kind, 5, part)!;
            using var other = DefectPainter.Paint(good, kind, 6, part)!;
            Assert.Equal(first.Image.Bytes.ToArray(), again.Image.Bytes.ToArray());
            Assert.NotEqual(first.Image.Bytes.ToArray(), other.Image.Bytes.ToArray());
        }
    }

    [Fact]
    public void A_defect_stays_where_it_may_lie()
    {
        using var good = Part(3, PixelDepth.Eight);
        bool[] corner = [.. Enumerable.Range(0, Side * Side).Select(i => i % Side < Side / 2 && i / Side < Side / 2)];

        for (var seed = 0; seed < 20; seed++)
        {
            using var painted = DefectPainter.Paint(good, DefectKind.Discolouration, seed, corner)!;
            Assert.All(Enumerable.Range(0, corner.Length), i => Assert.True(corner[i] || Change(good, painted.Image, i) == 0));
        }
    }

    [Fact]
    public void What_cannot_be_seen_is_not_painted()
    {
        using var flat = new Image(Side, Side, 1);
        flat.Bytes.Fill(100);
        bool[] part = [.. Enumerable.Repeat(true, Side * Side)];

        Assert.Null(DefectPainter.Paint(flat, DefectKind.Blur, 1, part));
        Assert.Null(DefectPainter.Paint(flat, DefectKind.CutPaste, 1, part));
        Assert.Null(DefectPainter.Paint(flat, DefectKind.Scratch, 1, new bool[Side * Side]));
        using var scratch = DefectPainter.Paint(flat, DefectKind.Scratch, 1, part);
        Assert.NotNull(scratch);
    }

    [Fact]
    public void A_part_is_told_from_its_background_and_a_texture_is_all_part()
    {
        using var good = Part(3, PixelDepth.Eight);
        var part = PartFinder.Find(good);
        Assert.All(Enumerable.Range(0, part.Length).Where(i => Math.Abs(Distance(i) - Radius) > 4), i => Assert.Equal(IsPart(i), part[i]));
    }

    /// <summary>Noise, noise that is brighter in the middle, and stripes have no background.</summary>
    [Theory]
    [InlineData(120, 0, 0)]
    [InlineData(30, 60, 0)]
    [InlineData(20, 0, 70)]
    public void A_texture_is_all_part(int noise, int light, int stripes)
    {
        using var texture = new Image(Side, Side, 1);
        var random = new Random(1);
        for (var i = 0; i < Side * Side; i++)
            texture.Bytes[i] = (byte)(60 + random.Next(noise) + (light * Math.Max(0, 1 - (Distance(i) / Side))) + (i % Side / 9 % 2 * stripes));

        Assert.DoesNotContain(false, PartFinder.Find(texture));
    }

    private static double Change(Image good, Image other, int pixel) => Enumerable.Range(0, good.Channels).Max(c =>
    {
        var at = (pixel * good.Channels) + c;
        return good.Depth == PixelDepth.Eight ? Math.Abs(good.Bytes[at] - other.Bytes[at]) / 255.0 : Math.Abs(good.Samples16[at] - other.Samples16[at]) / 65535.0;
    });

    private static double Distance(int pixel) => Math.Sqrt(Math.Pow((pixel % Side) - (Side / 2), 2) + Math.Pow((pixel / Side) - (Side / 2), 2));

    private static bool IsPart(int pixel) => Distance(pixel) < Radius;

    /// <summary>A disc with a coarse and a fine pattern on a light background.</summary>
    private static Image Part(int channels, PixelDepth depth)
    {
        var image = new Image(Side, Side, channels, depth);
        var random = new Random(7);
        for (var i = 0; i < Side * Side; i++)
        {
            var (x, y) = (i % Side, i / Side);
            for (var c = 0; c < channels; c++)
            {
                var share = IsPart(i) ? 0.35 + (0.15 * Math.Sin(x / 9.0) * Math.Cos(y / 7.0)) + (0.08 * random.NextDouble()) + (0.05 * c) : 0.95;
                if (depth == PixelDepth.Eight)
                    image.Bytes[(i * channels) + c] = (byte)(255 * share);
                else
                    image.Samples16[(i * channels) + c] = (ushort)(65535 * share);
            }
        }

        return image;
    }
}
