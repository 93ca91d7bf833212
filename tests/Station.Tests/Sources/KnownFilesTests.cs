using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Station.Tests.Sources;

public sealed class KnownFilesTests
{
    [Fact]
    public void Of_files_of_one_size_and_time_one_alone_is_the_file_that_was_moved()
    {
        var clock = new FakeClock();
        var files = new KnownFiles(clock);
        var version = new FileVersion(true, 1000, DateTime.UnixEpoch, DateTime.UnixEpoch);
        var judged = new KnownFile(version, Pixels: 7);
        files.Set("1.png", judged);
        files.Remove("1.png");

        Assert.Equal(judged, files.FindMoved(version));
        files.Set("done/1.png", judged);
        Assert.Null(files.FindMoved(version));
    }

    [Fact]
    public void A_file_that_has_gone_a_minute_ago_was_not_moved()
    {
        var clock = new FakeClock();
        var files = new KnownFiles(clock);
        var version = new FileVersion(true, 1000, DateTime.UnixEpoch, DateTime.UnixEpoch);
        files.Set("1.png", new KnownFile(version, Pixels: 7));
        files.Remove("1.png");

        clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Null(files.FindMoved(version));
    }
}
