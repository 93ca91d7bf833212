using MrfAd.Station.GenICam;

namespace MrfAd.Station.Tests.GenICam;

public sealed class FrameIdsTests
{
    [Theory]
    [InlineData(0, "7, 8, 9")] // the first one may have any number
    [InlineData(2, "1, 4")]
    [InlineData(0, "65534, 65535, 1, 2")] // 16 bits, without 0
    [InlineData(2, "65534, 2")]
    [InlineData(1, "65536, 65538")]
    [InlineData(3, "1, 3, 6")]
    public void Numbers_that_are_left_out_are_frames_that_did_not_arrive(long missed, string ids)
    {
        var frames = new FrameIds();

        Assert.Equal(missed, ids.Split(',').Sum(id => frames.Next(ulong.Parse(id, System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void A_camera_that_counts_anew_has_lost_nothing()
    {
        var frames = new FrameIds();
        frames.Next(500);
        frames.Restart();

        Assert.Equal(0, frames.Next(1));
        Assert.Equal(1, frames.Next(3));
    }
}
