using MrfAd.Station.Control;
using MrfAd.Station.Options;

namespace MrfAd.Station.Tests.Control;

public sealed class ReportConfigTests
{
    [Theory]
    [InlineData("rtsp://me:secret@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://me:s@cret@camera:554/1?a=b@c", "rtsp://***@camera:554/1?a=b@c")]
    [InlineData("rtsp://camera/1", "rtsp://camera/1")]
    [InlineData("gst:rtspsrc location=rtsp://camera/1 user-id=me user-pw=secret ! decodebin", "gst:rtspsrc location=rtsp://camera/1 user-id=*** user-pw=*** ! decodebin")]
    [InlineData("gst:rtspsrc user-pw = \"my secret\" location=rtsp://camera/1", "gst:rtspsrc user-pw = *** location=rtsp://camera/1")]
    [InlineData("rtsp://camera/1?user=me&password=secret&channel=1", "rtsp://camera/1?user=***&password=***&channel=1")]
    [InlineData("http://me:sec/ret@camera/1", "http://***@camera/1")]
    [InlineData("rtsp://me:my secret@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://me:12/3?secret@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://me:12?secret@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://me:\"secret\"@camera/1", "rtsp://***@camera/1")]
    [InlineData("rtsp://camera:554/1?mail=a@b", "rtsp://camera:554/1?mail=a@b")]
    [InlineData("gst:rtspsrc user_pw='my secret' location=rtsp://camera/1", "gst:rtspsrc user_pw=*** location=rtsp://camera/1")]
    [InlineData("gst:rtspsrc user-pw=\"my \\\"secret\\\"\" location=rtsp://camera/1", "gst:rtspsrc user-pw=*** location=rtsp://camera/1")]
    public void A_log_in_is_taken_out_of_an_address(string source, string told)
    {
        var masked = ReportConfig.Masked(new StationOptions { Cameras = [new CameraOptions { Source = source }] });

        Assert.Contains($"\"source\": \"{told}\"", masked.Replace("\\u0026", "&", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("cret", masked.Replace("secrets", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
