using MrfAd.Engine.Alignment;
using MrfAd.Engine.Images;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Alignment;

public sealed class ImageAlignerTests
{
    public static TheoryData<double, double, double> Places => new()
    {
        { 0, 0, 0 }, { 20.4, -13.7, 0 }, { 0, 0, 7.3 }, { -25, 12, 91.5 }, { 10, 20, 180 }, { -8.25, -16.5, -133 }, { 30, 5, 358 },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void A_shifted_and_turned_part_is_found_to_within_half_a_pixel(double dx, double dy, double angle)
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var frame = TurnedPart.Make(TurnedPart.At(dx, dy, angle), seed: 2);

        var found = aligner.Align(frame);

        AssertPlace(TurnedPart.At(dx, dy, angle), found, 0.5);
        Assert.InRange(found.Quality, 0.95, 1);
        Assert.True(found.AngleMargin > 0.1, $"margin {found.AngleMargin}");
        Assert.InRange(Math.Abs(Math.IEEERemainder(found.Angle - angle, 360)), 0, 0.5);
    }

    [Fact]
    public void Where_sizes_may_differ_the_scale_is_found_too()
    {
        using var aligner = Aligner(new AlignmentOptions { Scale = true });
        using var frame = TurnedPart.Make(TurnedPart.At(6, -9, 40, 1.07), seed: 2);

        var found = aligner.Align(frame);

        AssertPlace(TurnedPart.At(6, -9, 40, 1.07), found, 0.7);
        Assert.InRange(found.Scale, 1.06, 1.08);
    }

    [Fact]
    public void Without_that_the_scale_is_one()
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var frame = TurnedPart.Make(TurnedPart.At(6, -9, 40, 1.03), seed: 2);

        Assert.Equal(1, aligner.Align(frame).Scale, 4);
    }

    [Fact]
    public void A_frame_without_the_part_fits_badly()
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var empty = TurnedPart.Empty();

        Assert.InRange(aligner.Align(empty).Quality, -1, 0.3);
    }

    [Fact]
    public void Colour_and_16_bits_are_aligned_as_grey_is()
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var grey = TurnedPart.Make(TurnedPart.At(12, 7, 25), seed: 2);
        using var colour = new Image(grey.Width, grey.Height, 3);
        using var deep = new Image(grey.Width, grey.Height, 1, PixelDepth.Sixteen);
        for (var i = 0; i < grey.Bytes.Length; i++)
        {
            colour.Bytes.Slice(3 * i, 3).Fill(grey.Bytes[i]);
            deep.Samples16[i] = (ushort)(257 * grey.Bytes[i]);
        }

        AssertPlace(TurnedPart.At(12, 7, 25), aligner.Align(colour), 0.5);
        AssertPlace(TurnedPart.At(12, 7, 25), aligner.Align(deep), 0.5);
    }

    [Fact]
    public void Half_of_a_part_that_leaves_the_frame_is_hidden()
    {
        using var aligner = Aligner(new AlignmentOptions { MaxShift = 0.5 });
        using var whole = TurnedPart.Make(TurnedPart.At(0, 0, 0), seed: 2);
        using var half = TurnedPart.Make(TurnedPart.At(-100, 0, 0), seed: 2);

        Assert.Equal(1, aligner.Align(whole).Visible, 2);
        Assert.InRange(aligner.Align(half).Visible, 0.4, 0.55);
    }

    [Fact]
    public void The_upright_image_shows_the_part_as_the_reference_does()
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var reference = TurnedPart.Make(Similarity.Identity);
        using var frame = TurnedPart.Make(TurnedPart.At(-12.5, 8, 61), seed: 2);

        using var upright = ImageAligner.Upright(frame, aligner.Align(frame));

        var differences = new List<int>();
        for (var i = 0; i < upright.Bytes.Length; i++)
            differences.Add(Math.Abs(upright.Bytes[i] - reference.Bytes[i]));
        Assert.InRange(differences.Average(), 0, 4);
    }

    [Fact]
    public void A_score_of_the_upright_image_comes_back_to_its_place_in_the_frame()
    {
        var place = TurnedPart.At(15, -6, 90);
        var (upright, frame) = (new float[TurnedPart.Width * TurnedPart.Height], new float[TurnedPart.Width * TurnedPart.Height]);
        upright[(70 * TurnedPart.Width) + 90] = 1;

        ImageAligner.ToFrame(upright, frame, TurnedPart.Width, TurnedPart.Height, place);

        var (x, y) = place.Map(90.5, 70.5);
        Assert.Equal(((int)y * TurnedPart.Width) + (int)x, Array.IndexOf(frame, frame.Max()));
    }

    [Fact]
    public void A_frame_of_another_size_is_refused()
    {
        using var aligner = Aligner(new AlignmentOptions());
        using var frame = new Image(64, 48, 1);

        Assert.Contains("want a frame of 240x200, got 64x48", Assert.Throws<ArgumentException>(() => aligner.Align(frame)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reference_of_another_size_than_its_frames_is_refused()
    {
        using var image = TurnedPart.Make(Similarity.Identity);
        var reference = ImageAligner.ReferenceOf(image, "good.png", new AlignmentOptions()) with { Height = 100 };

        Assert.Contains("want 240x100 pixels", Assert.Throws<ImageFormatException>(() => new ImageAligner(reference)).Message, StringComparison.Ordinal);
    }

    private static ImageAligner Aligner(AlignmentOptions options)
    {
        using var image = TurnedPart.Make(Similarity.Identity);
        return new ImageAligner(ImageAligner.ReferenceOf(image, "good.png", options));
    }

    /// <summary>Asserts that the corners of the part are found where they are.</summary>
    private static void AssertPlace(Similarity want, AlignmentResult got, double tolerance)
    {
        foreach (var (x, y) in new[] { (60, 60), (180, 60), (180, 95), (60, 150) })
        {
            var ((wantX, wantY), (gotX, gotY)) = (want.Map(x, y), got.ToFrame.Map(x, y));
            Assert.True(double.Hypot(wantX - gotX, wantY - gotY) <= tolerance, FormattableString.Invariant($"({x}, {y}): want ({wantX:0.00}, {wantY:0.00}), got ({gotX:0.00}, {gotY:0.00}), quality {got.Quality:0.000}"));
        }
    }
}
