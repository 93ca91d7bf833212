using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;

namespace MrfAd.Engine.Tests.Verdicts;

public sealed class GoodImagesTests
{
    private const int Side = 256;
    private static readonly ReferenceStatistics Good = Learned();

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
        for (var i = 0; i < Side * Side; i++)
        {
            deep.Samples16[i] = (ushort)(grey.Bytes[i] * 257);
            colour.Bytes.Slice(3 * i, 3).Fill(grey.Bytes[i]);
        }

        var wanted = ImageStatistics.Of(grey);
        foreach (var look in (ImageStatistics[])[ImageStatistics.Of(deep), ImageStatistics.Of(colour)])
        {
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

        Assert.Null(learner.Finish().MinCorrelation);
    }

    private static void AssertFault(ImageFaultKind kind, ImageFault? fault, string text)
    {
        Assert.Equal(kind, fault?.Kind);
        Assert.StartsWith(text, fault!.ToString(), StringComparison.Ordinal);
    }

    private static ReferenceStatistics Learned()
    {
        var learner = new ReferenceStatisticsLearner();
        for (var i = 0; i < 12; i++)
        {
            using var image = Part(i, move: i % 4);
            learner.Add(image);
        }

        return learner.Finish();
    }

    /// <summary>A bright noisy square on a dark noisy ground.</summary>
    private static Image Part(int seed, double light = 1, int move = 0, bool isThere = true)
    {
        var random = new Random(seed);
        var image = new Image(Side, Side, 1);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var part = isThere && x - move is > 80 and < 160 && y is > 60 and < 180;
                image.Bytes[(y * Side) + x] = (byte)Math.Min(255, light * ((part ? 110 : 60) + random.Next(30)));
            }
        }

        return image;
    }
}
