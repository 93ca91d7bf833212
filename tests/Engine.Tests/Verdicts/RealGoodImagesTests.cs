using MrfAd.Engine.Images;
using MrfAd.Engine.Verdicts;
using MrfAd.Testing;

namespace MrfAd.Engine.Tests.Verdicts;

/// <summary>On real parts, a defect is never taken for an image that shows nothing, and an image that shows nothing is recognised.</summary>
public sealed class RealGoodImagesTests
{
    [Theory]
    [InlineData("bottle", true)]
    [InlineData("screw", false)]
    public void No_good_or_defective_part_is_invalid_and_a_spoilt_image_is(string part, bool isAlike)
    {
        var folder = Path.Combine(SharedFolder.Require("data"), "mvtec", part);
        var learner = new ReferenceStatisticsLearner();
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "train", "good")))
        {
            using var image = ImageCodec.Read(path);
            learner.Add(image);
        }

        var good = learner.Finish();
        Assert.Equal(isAlike, good.MinCorrelation is not null);
        foreach (var path in Directory.GetFiles(Path.Combine(folder, "test"), "*.png", SearchOption.AllDirectories))
        {
            using var image = ImageCodec.Read(path);
            Assert.True(good.FaultOf(image) is null, $"{path}: {good.FaultOf(image)}");
        }

        using var spoilt = ImageCodec.Read(Directory.GetFiles(Path.Combine(folder, "test", "good")).Order().First());
        Assert.Equal(ImageFaultKind.Dark, good.FaultOf(Changed(spoilt, v => v / 3))?.Kind);
        Assert.Equal(ImageFaultKind.BlownOut, good.FaultOf(Changed(spoilt, v => 6 * v))?.Kind);
        using var small = ImageResize.Resize(spoilt, spoilt.Width / 8, spoilt.Height / 8);
        using var blurred = ImageResize.Resize(small, spoilt.Width, spoilt.Height);
        Assert.Equal(ImageFaultKind.Blurred, good.FaultOf(blurred)?.Kind);
        if (!isAlike)
            return;
        Assert.Equal(ImageFaultKind.PartAbsent, good.FaultOf(Changed(spoilt, (x, _) => (byte)(150 + (x % 7))))?.Kind);
        Assert.Equal(ImageFaultKind.PartMoved, good.FaultOf(Moved(spoilt, 90))?.Kind);
    }

    private static Image Changed(Image image, Func<int, int> change) => Changed(image, (_, v) => (byte)Math.Min(255, change(v)));

    private static Image Changed(Image image, Func<int, byte, byte> change)
    {
        var changed = new Image(image.Width, image.Height, image.Channels);
        for (var i = 0; i < image.ByteCount; i++)
            changed.Bytes[i] = change(i, image.Bytes[i]);
        return changed;
    }

    /// <summary>Shifts an image to the right; the columns at the left keep their values.</summary>
    private static Image Moved(Image image, int by)
    {
        var moved = new Image(image.Width, image.Height, image.Channels);
        for (var y = 0; y < image.Height; y++)
        {
            var from = image.Bytes.Slice(y * image.Width * image.Channels, image.Width * image.Channels);
            var to = moved.Bytes.Slice(y * image.Width * image.Channels, image.Width * image.Channels);
            from.CopyTo(to);
            from[..^(by * image.Channels)].CopyTo(to[(by * image.Channels)..]);
        }

        return moved;
    }
}
