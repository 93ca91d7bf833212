using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Options;

public sealed class SourceAddressTests
{
    [Theory]
    [InlineData("folder:frames", SourceKind.Folder, "frames", false)]
    [InlineData("folder:/a b/c?watch=true", SourceKind.Folder, "/a b/c", true)]
    [InlineData("file:clip.mp4", SourceKind.Video, "clip.mp4", false)]
    [InlineData("v4l2:2", SourceKind.Device, "/dev/video2", false)]
    [InlineData("v4l2:/dev/video10", SourceKind.Device, "/dev/video10", false)]
    [InlineData("rtsp://user:secret@camera.local:554/stream", SourceKind.Stream, "rtsp://user:secret@camera.local:554/stream", false)]
    [InlineData("rtsps://camera.local/stream", SourceKind.Stream, "rtsps://camera.local/stream", false)]
    [InlineData("http://user:secret@camera.local/video?camera=1", SourceKind.Stream, "http://user:secret@camera.local/video?camera=1", false)]
    [InlineData("https://camera.local/video", SourceKind.Stream, "https://camera.local/video", false)]
    [InlineData("gst:videotestsrc ! appsink", SourceKind.Pipeline, "videotestsrc ! appsink", false)]
    [InlineData("gige:FAKE01", SourceKind.GigE, "FAKE01", false)]
    [InlineData("gige:", SourceKind.GigE, "", false)]
    [InlineData("usb3:1234", SourceKind.Usb3, "1234", false)]
    [InlineData("mqtt:$share/line/factory/+/images", SourceKind.Mqtt, "$share/line/factory/+/images", false)]
    [InlineData("http:", SourceKind.Http, "", false)]
    public void A_source_is_known_by_its_scheme(string source, SourceKind kind, string place, bool watch) =>
        Assert.Equal(new SourceAddress(kind, place, watch), SourceAddress.Parse(source));

    [Theory]
    [InlineData("")]
    [InlineData("frames")]
    [InlineData("folder:")]
    [InlineData("folder:?watch=true")]
    [InlineData("v4l2:")]
    [InlineData("v4l2:-1")]
    [InlineData("v4l2:/dev/sda")]
    [InlineData("rtsp:")]
    [InlineData("http:upload")]
    [InlineData("http://")]
    [InlineData("https:")]
    public void Anything_else_is_refused_with_what_there_is(string source) =>
        Assert.Contains("want folder:PATH", Assert.Throws<FormatException>(() => SourceAddress.Parse(source)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_source_that_is_refused_does_not_show_its_password() =>
        Assert.DoesNotContain("secret", Assert.Throws<FormatException>(() => SourceAddress.Parse("rtps://line:secret@camera/1")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("mqtt:a/#/b")]
    [InlineData("mqtt:$share/line")]
    public void A_topic_that_is_none_is_refused(string source) => Assert.Throws<FormatException>(() => SourceAddress.Parse(source));

    [Theory]
    [InlineData("folder:frames?watch=true", "folder:/base/frames?watch=true")]
    [InlineData("file:../clip.mp4", "file:/clip.mp4")]
    [InlineData("folder:/elsewhere", "folder:/elsewhere")]
    [InlineData("rtsp://camera/stream", "rtsp://camera/stream")]
    [InlineData("nonsense", "nonsense")]
    public void A_relative_path_is_taken_from_the_folder(string source, string resolved) =>
        Assert.Equal(resolved, SourceAddress.Resolve(source, "/base"));
}
