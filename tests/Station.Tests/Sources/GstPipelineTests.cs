using System.Text.Json;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;

namespace MrfAd.Station.Tests.Sources;

public sealed class GstPipelineTests
{
    private const string Decoded = "decodebin ! videoconvert ! appsink name=mrfad sync=false";

    [Theory]
    [InlineData("videotestsrc", "videotestsrc ! videoconvert ! appsink name=mrfad")]
    [InlineData("videotestsrc ! appsink drop=true", "videotestsrc ! videoconvert ! appsink name=mrfad drop=true")]
    public void A_pipeline_ends_in_an_appsink_that_is_found(string description, string whole) => Assert.Equal(whole, GstPipeline.Parse(description).Description);

    [Fact]
    public void The_text_of_an_address_is_never_part_of_a_pipelines_description()
    {
        var stream = GstPipeline.Stream(new Uri("rtsp://me%20!:s%22%20!%20filesink%40@camera.local:8554/1%20!?a=b%2Fc"));

        Assert.Equal($"rtspsrc name=source protocols=tcp latency=0 tcp-timeout=10000000 ! application/x-rtp,media=video ! {Decoded}", stream.Description);
        Assert.Equal(
            [("location", "rtsp://camera.local:8554/1%20!?a=b%2Fc"), ("user-id", "me !"), ("user-pw", "s\" ! filesink@")],
            stream.Properties.Select(p => (p.Key, p.Value)));
    }

    [Theory]
    [InlineData("rtsp://camera/1", "rtspsrc ")]
    [InlineData("rtsps://camera/1", "rtspsrc ")]
    [InlineData("http://camera/1", "souphttpsrc ")]
    [InlineData("https://camera/1", "souphttpsrc ")]
    public void A_stream_without_a_user_sets_its_location_alone(string address, string element)
    {
        var stream = GstPipeline.Stream(new Uri(address));

        Assert.StartsWith(element, stream.Description, StringComparison.Ordinal);
        Assert.Equal([("location", address)], stream.Properties.Select(p => (p.Key, p.Value)));
    }

    [Fact]
    public void A_V4L2_camera_without_a_profile_may_send_raw_frames_or_JPEG()
    {
        var device = GstPipeline.Device("/dev/video2", new CameraProfile());

        Assert.Equal($"v4l2src name=source ! capsfilter caps=\"video/x-raw;image/jpeg\" ! {Decoded}", device.Description);
        Assert.Equal([("device", "/dev/video2")], device.Properties.Select(p => (p.Key, p.Value)));
    }

    [Fact]
    public void A_V4L2_cameras_profile_becomes_caps_and_controls_with_exposure_in_units_of_100_us()
    {
        var profile = new CameraProfile
        {
            PixelFormat = "MJPG",
            Region = new SensorRegion(0, 0, 1920, 1080),
            FrameRate = 30,
            ExposureUs = 850,
            Gain = 12,
            Features = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>("""{ "power_line_frequency": 1, "white_balance_automatic": false }""")!,
        };

        Assert.Equal(
            "v4l2src name=source extra-controls=\"controls,power_line_frequency=(int)1,white_balance_automatic=(int)0,exposure_auto=(int)1,auto_exposure=(int)1,exposure_absolute=(int)8,exposure_time_absolute=(int)8,gain=(int)12\""
            + $" ! capsfilter caps=\"image/jpeg,width=1920,height=1080,framerate=30/1\" ! {Decoded}",
            GstPipeline.Device("/dev/video0", profile).Description);
    }

    [Theory]
    [InlineData(30, "30/1")]
    [InlineData(7.5, "15/2")]
    [InlineData(29.97, "30000/1001")]
    [InlineData(0.2, "1/5")]
    [InlineData(12.345, "12345/1000")]
    public void A_frame_rate_is_the_fraction_that_drivers_offer(double rate, string fraction) =>
        Assert.Equal($"video/x-raw,framerate={fraction};image/jpeg,framerate={fraction}", V4l2Settings.Caps(new CameraProfile { FrameRate = rate }));

    [Theory]
    [InlineData("""{ "pixel_format": "BayerRG8" }""", "pixel_format: of a V4L2 camera want MJPG, YUYV, Mono8, Mono16, RGB8, BGR8 or null (any), got 'BayerRG8'")]
    [InlineData("""{ "region": { "x": 8, "y": 0, "width": 64, "height": 64 } }""", "region: a V4L2 camera has a size and no place: want x 0 and y 0, got ")]
    [InlineData("""{ "packet_size": 0 }""", "packet_size: a V4L2 camera has none")]
    [InlineData("""{ "frame_rate": 0 }""", "frame_rate: want more than 0, got 0")]
    [InlineData("""{ "exposure_us": -1 }""", "exposure_us: want more than 0, got -1")]
    [InlineData("""{ "gain": 1.5 }""", "gain: a V4L2 camera's is a whole number, got 1.5")]
    [InlineData("""{ "features": { "a,b=1": 1 } }""", "features: want names as 'v4l2-ctl --list-ctrls' prints them, got 'a,b=1'")]
    [InlineData("""{ "features": { "sharpness": "3" } }""", "features: sharpness: want a whole number, true or false, got 3")]
    public void What_a_V4L2_camera_has_not_is_refused_by_its_name(string json, string fault)
    {
        var profile = JsonSerializer.Deserialize<CameraProfile>(json, StationJson.Options)!;

        Assert.StartsWith(fault, Assert.Throws<FormatException>(() => GstPipeline.Device("/dev/video0", profile)).Message, StringComparison.Ordinal);
    }
}
