using System.Net;
using System.Net.Sockets;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>GStreamer pipelines of the user's own, and the pipelines of V4L2 cameras.</summary>
public sealed class PipelineTests
{
    private const string Red = "gst:videotestsrc is-live=true pattern=red ! video/x-raw,width=96,height=64,framerate=20/1";
    private readonly SourceProbe _probe = new();

    [Fact]
    public async Task A_pipeline_delivers_the_test_pattern()
    {
        using var source = _probe.Open(new CameraOptions { Source = Red });

        await SourceProbe.AssertRedAsync(source);
    }

    [Fact]
    public async Task A_pipeline_that_cannot_be_started_is_reported_by_the_cameras_name()
    {
        using var source = _probe.Open(new CameraOptions { Name = "top", Source = "gst:nosuchelement" });

        Assert.Contains("the pipeline of top cannot be opened: GStreamer cannot build it: no element \"nosuchelement\"", await _probe.NextProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_loses_no_frame_where_every_one_is_wanted()
    {
        using var source = _probe.Open(new CameraOptions
        {
            Source = "gst:videotestsrc num-buffers=30 pattern=red ! video/x-raw,width=96,height=64,framerate=20/1",
            Trigger = TriggerMode.FreeRun,
            Policy = Backpressure.Every,
        });

        for (var i = 0; i < 30; i++)
            await SourceProbe.AssertRedAsync(source);
        Assert.Null(await _probe.NextProblemAsync());
        Assert.Contains("broke off after 30 frames", await _probe.NextProblemAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_that_stalls_is_reported_and_opened_again_until_it_delivers()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        using var source = _probe.Open(new CameraOptions
        {
            Source = $"gst:tcpclientsrc host=127.0.0.1 port={port} ! rawvideoparse width=96 height=64 format=rgb framerate=20/1",
            StallAfter = TimeSpan.FromMilliseconds(500),
        });
        using (var first = await server.AcceptTcpClientAsync().WaitAsync(SourceProbe.Timeout))
        {
            var next = SourceProbe.AssertRedAsync(source);
            await SendRedAsync(first, frames: 3);
            await next;
            await _probe.ProblemAsync("has sent nothing for more than 0.5 s, after ");
            // The second connection delivers nothing at all.
            using var second = await server.AcceptTcpClientAsync().WaitAsync(SourceProbe.Timeout);
            await _probe.ProblemAsync("has sent nothing for more than 0.5 s since it was opened");
        }

        using var third = await server.AcceptTcpClientAsync().WaitAsync(SourceProbe.Timeout);
        var last = SourceProbe.AssertRedAsync(source);
        await SendRedAsync(third, frames: 3);
        await last;
        await _probe.ProblemAsync(null);
    }

    [Fact]
    public async Task The_settings_of_a_V4L2_camera_are_caps_that_GStreamer_takes()
    {
        var caps = V4l2Settings.Caps(new CameraProfile { Region = new SensorRegion(0, 0, 96, 64), FrameRate = 29.97 });
        using var source = _probe.Open(new CameraOptions { Source = $"gst:videotestsrc is-live=true pattern=red ! capsfilter caps=\"{caps}\" ! decodebin" });

        await SourceProbe.AssertRedAsync(source);
    }

    [Fact]
    public void The_controls_of_a_V4L2_camera_are_taken_by_its_element()
    {
        GstPlugin.Need("video4linux2", "gstreamer1.0-plugins-good");
        var profile = new CameraProfile { ExposureUs = 800, Gain = 3 };

        var lost = Assert.Throws<CameraLostException>(() => new GstReader(GstPipeline.Device("/dev/video99", profile), TimeProvider.System, CancellationToken.None));

        Assert.Equal("GStreamer cannot start it: Cannot identify device '/dev/video99'. system error: No such file or directory", lost.Message);
    }

    private static async Task SendRedAsync(TcpClient client, int frames)
    {
        var frame = Enumerable.Range(0, 96 * 64 * 3).Select(i => i % 3 == 0 ? (byte)255 : (byte)0).ToArray();
        for (var i = 0; i < frames; i++)
            await client.GetStream().WriteAsync(frame, TestContext.Current.CancellationToken);
    }
}
