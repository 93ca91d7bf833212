using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using MrfAd.Cli.Evaluation;
using MrfAd.Station.Capture;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>RTSP and HTTP from local servers, pipelines from GStreamer's test source.</summary>
public sealed class StreamTests
{
    private const string Red = "gst:videotestsrc is-live=true pattern=red ! video/x-raw,width=96,height=64,framerate=20/1";
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly Channel<string?> _problems = Channel.CreateUnbounded<string?>();

    [Fact]
    public async Task A_pipeline_delivers_the_test_pattern()
    {
        using var source = Open(new CameraOptions { Source = Red });

        await AssertRedAsync(source);
    }

    [Fact]
    public async Task A_pipeline_that_cannot_be_started_is_told_of_by_the_cameras_name()
    {
        using var source = Open(new CameraOptions { Name = "top", Source = "gst:nosuchelement" });

        Assert.Contains("the pipeline of top cannot be opened: GStreamer cannot build it: no element \"nosuchelement\"", await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipeline_loses_no_frame_where_every_one_is_wanted()
    {
        using var source = Open(new CameraOptions
        {
            Source = "gst:videotestsrc num-buffers=30 pattern=red ! video/x-raw,width=96,height=64,framerate=20/1",
            Trigger = TriggerMode.FreeRun,
            Policy = Backpressure.Every,
        });

        for (var i = 0; i < 30; i++)
            await AssertRedAsync(source);
        Assert.Null(await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout));
        Assert.Contains("broke off after 30 frames", await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stream_delivers_and_delivers_again_when_its_server_is_back()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = Open(new CameraOptions { Source = server.Url });
        await AssertRedAsync(source);

        await server.KillAsync();
        string? problem;
        do
            problem = await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout);
        while (problem is null);
        await server.StartAgainAsync();

        Assert.Contains("rtsp://127.0.0.1", problem, StringComparison.Ordinal);
        await AssertRedAsync(source);
    }

    [Fact]
    public async Task A_stream_whose_server_falls_silent_is_opened_again()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = Open(new CameraOptions { Source = server.Url, StallAfter = TimeSpan.FromSeconds(1) });
        await AssertRedAsync(source);

        await server.FreezeAsync();
        await ProblemAsync("has sent nothing for more than 1 s");
        await server.KillAsync();
        await server.StartAgainAsync();

        await AssertRedAsync(source);
    }

    [Theory]
    [InlineData("--codec", "h264")]
    [InlineData("--audio")]
    public async Task A_stream_is_decoded_whatever_its_codec_and_beside_a_sound_track(params string[] options)
    {
        if (options.Contains("h264"))
            GstPlugin.Need("openh264", "gstreamer1.0-plugins-bad");
        await using var server = await RtspServer.StartedAsync(96, 64, "red", options);
        using var source = Open(new CameraOptions { Source = server.Url });

        await AssertRedAsync(source);
    }

    [Fact]
    public async Task A_stream_with_a_password_delivers_to_whoever_knows_it()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red", "--user", "line \"1\"", "--password", "\"p@ss:w/ rd! %");
        using var source = Open(new CameraOptions { Source = server.Url.Replace("//", $"//{Uri.EscapeDataString("line \"1\"")}:{Uri.EscapeDataString("\"p@ss:w/ rd! %")}@", StringComparison.Ordinal) });

        await AssertRedAsync(source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("line:secret@")]
    public async Task A_stream_with_a_wrong_password_says_so_and_not_which(string login)
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red", "--user", "line", "--password", "right");
        using var source = Open(new CameraOptions { Source = server.Url.Replace("//", $"//{login}", StringComparison.Ordinal) });

        Assert.Equal($"{server.Url} cannot be opened: user name or password are missing or wrong", await FirstProblemAsync());
    }

    [Theory]
    [InlineData("rtsp://line:secret@camera.invalid/1", "rtsp://camera.invalid/1 cannot be opened: camera.invalid:554 cannot be reached: ")]
    [InlineData("rtsp://line:secret@127.0.0.1:1/1", "rtsp://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused")]
    [InlineData("http://line:secret@camera.invalid/1", "http://camera.invalid/1 cannot be opened: camera.invalid:80 cannot be reached: ")]
    [InlineData("http://line:secret@127.0.0.1:1/1", "http://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused")]
    public async Task A_server_that_is_not_there_is_named_with_the_reason(string address, string text)
    {
        using var source = Open(new CameraOptions { Source = address });

        var problem = await FirstProblemAsync();

        Assert.StartsWith(text, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("rtsps")]
    public async Task A_server_with_a_certificate_that_is_not_trusted_is_told_of(string scheme)
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue("localhost");
        using var identity = X509Certificate2.CreateFromPemFile(certificate, key);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stop = new CancellationTokenSource();
        var serving = ShakeHandsAsync(server, identity, stop.Token);
        using (var source = Open(new CameraOptions { Source = $"{scheme}://localhost:{((IPEndPoint)server.LocalEndpoint).Port}/1" }))
            Assert.EndsWith($"cannot be opened: localhost:{((IPEndPoint)server.LocalEndpoint).Port} shows a certificate that is not trusted here", await FirstProblemAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_path_that_the_server_has_not_is_told_of()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = Open(new CameraOptions { Source = server.Url + "s" });

        Assert.Contains("Not Found", await FirstProblemAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public Task A_codec_without_a_plug_in_is_named_with_the_package_that_brings_it() => OwnProcess.RunAsync(
        async () =>
        {
            GstPlugin.Need("openh264", "gstreamer1.0-plugins-bad");
            await using var server = await RtspServer.StartedAsync(96, 64, "red", "--codec", "h264");
            using var source = Open(new CameraOptions { Source = server.Url });

            Assert.Matches(@"cannot be opened: GStreamer has no decoder for H\.264.*\(apt-get install gstreamer1\.0-libav gstreamer1\.0-plugins-bad\)$", await FirstProblemAsync());
        },
        new Dictionary<string, string> { ["GST_PLUGIN_FEATURE_RANK"] = string.Join(',', new[] { "openh264dec", "avdec_h264", "vah264dec", "vaapidecodebin", "nvh264dec", "v4l2h264dec" }.Select(e => $"{e}:NONE")) });

    [Fact]
    public async Task A_stream_over_HTTP_delivers_and_delivers_again_after_it_fell_silent()
    {
        await using var server = new MjpegServer(96, 64, (255, 0, 0));
        using var source = Open(new CameraOptions { Source = server.Url, StallAfter = TimeSpan.FromSeconds(1) });
        await AssertRedAsync(source);

        server.Freeze();
        await ProblemAsync($"{server.Url} has sent nothing for more than 1 s, after ");
        server.Thaw();

        await AssertRedAsync(source);
    }

    [Fact]
    public async Task Each_image_of_a_stream_over_HTTP_is_delivered_before_the_next_is_sent()
    {
        using var allowed = new SemaphoreSlim(1);
        // Large enough for GStreamer to detect the type from the first image.
        await using var server = new MjpegServer(640, 480, (255, 0, 0), allowed: allowed);
        using var source = Open(new CameraOptions { Source = server.Url, Trigger = TriggerMode.FreeRun, Policy = Backpressure.Every });

        for (var i = 0; i < 10; i++)
        {
            (await source.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Timeout))!.Image.Dispose();
            allowed.Release();
        }

        Assert.Null(await FirstProblemAsync());
        Assert.False(_problems.Reader.TryPeek(out _));
    }

    [Fact]
    public async Task A_stream_over_HTTP_with_a_password_delivers_to_whoever_knows_it_and_says_nothing_of_it_to_others()
    {
        await using var server = new MjpegServer(96, 64, (255, 0, 0), "line:p@ss w");
        using (var source = Open(new CameraOptions { Source = server.Url.Replace("//", "//line:p%40ss%20w@", StringComparison.Ordinal) }))
            await AssertRedAsync(source);
        using var other = Open(new CameraOptions { Source = server.Url.Replace("//", "//line:secret@", StringComparison.Ordinal) });

        await ProblemAsync($"{server.Url} cannot be opened: user name or password are missing or wrong");
    }

    [Fact]
    public async Task A_stream_that_is_still_being_opened_is_left_at_once()
    {
        GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var left = new CancellationTokenSource();
        var opening = Task.Run(() => new GstReader(GstPipeline.Stream(new Uri($"rtsp://{silent.LocalEndpoint}/1")), TimeProvider.System, left.Token));
        using var client = await silent.AcceptTcpClientAsync().WaitAsync(Timeout);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(Timeout));
    }

    [Fact]
    public async Task The_settings_of_a_V4L2_camera_are_caps_that_GStreamer_takes()
    {
        var caps = V4l2Settings.Caps(new CameraProfile { Region = new SensorRegion(0, 0, 96, 64), FrameRate = 29.97 });
        using var source = Open(new CameraOptions { Source = $"gst:videotestsrc is-live=true pattern=red ! capsfilter caps=\"{caps}\" ! decodebin" });

        await AssertRedAsync(source);
    }

    [Fact]
    public void The_controls_of_a_V4L2_camera_are_taken_by_its_element()
    {
        GstPlugin.Need("video4linux2", "gstreamer1.0-plugins-good");
        var profile = new CameraProfile { ExposureUs = 800, Gain = 3 };

        var lost = Assert.Throws<CameraLostException>(() => new GstReader(GstPipeline.Device("/dev/video99", profile), TimeProvider.System, CancellationToken.None));

        Assert.Equal("GStreamer cannot start it: Cannot identify device '/dev/video99'. system error: No such file or directory", lost.Message);
    }

    [Fact]
    public async Task A_pipeline_that_stalls_is_told_of_and_opened_again_until_it_delivers()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var port = ((IPEndPoint)server.LocalEndpoint).Port;
        using var source = Open(new CameraOptions
        {
            Source = $"gst:tcpclientsrc host=127.0.0.1 port={port} ! rawvideoparse width=96 height=64 format=rgb framerate=20/1",
            StallAfter = TimeSpan.FromMilliseconds(500),
        });
        using (var first = await server.AcceptTcpClientAsync().WaitAsync(Timeout))
        {
            var next = AssertRedAsync(source);
            await SendRedAsync(first, frames: 3);
            await next;
            await ProblemAsync("has sent nothing for more than 0.5 s, after ");
            // The second connection delivers nothing at all.
            using var second = await server.AcceptTcpClientAsync().WaitAsync(Timeout);
            await ProblemAsync("has sent nothing for more than 0.5 s since it was opened");
        }

        using var third = await server.AcceptTcpClientAsync().WaitAsync(Timeout);
        var last = AssertRedAsync(source);
        await SendRedAsync(third, frames: 3);
        await last;
        await ProblemAsync(null);
    }

    /// <summary>Accepts TLS connections and closes them again.</summary>
    private static async Task ShakeHandsAsync(TcpListener server, X509Certificate2 identity, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var client = await server.AcceptTcpClientAsync(stop);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = identity }, stop);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or AuthenticationException)
            {
                // The client rejected the certificate, or the test has ended.
            }
        }
    }

    private static async Task SendRedAsync(TcpClient client, int frames)
    {
        var frame = Enumerable.Range(0, 96 * 64 * 3).Select(i => i % 3 == 0 ? (byte)255 : (byte)0).ToArray();
        for (var i = 0; i < frames; i++)
            await client.GetStream().WriteAsync(frame, TestContext.Current.CancellationToken);
    }

    private async Task<string?> FirstProblemAsync() => await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout);

    /// <summary>Waits for a problem with that text; null waits for the end of a problem.</summary>
    private async Task ProblemAsync(string? text)
    {
        string? problem;
        do
            problem = await _problems.Reader.ReadAsync().AsTask().WaitAsync(Timeout);
        while (text is null ? problem is not null : problem?.Contains(text, StringComparison.Ordinal) != true);
    }

    private IFrameSource Open(CameraOptions options)
    {
        if (options.Source.StartsWith("rtsp", StringComparison.Ordinal))
            GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        if (options.Source.StartsWith("http", StringComparison.Ordinal))
            GstPlugin.Need("soup", "gstreamer1.0-plugins-good");
        if (options.Source.StartsWith("gst:", StringComparison.Ordinal))
            GstPlugin.Need("videotestsrc", "gstreamer1.0-plugins-base");
        return FrameSources.Open(options, TimeProvider.System, why => _problems.Writer.TryWrite(why), (_, _) => { });
    }

    private static async Task AssertRedAsync(IFrameSource source)
    {
        var frame = (await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(Timeout))!;
        using var image = frame.Image;
        Assert.Equal((96, 64, 3), (image.Width, image.Height, image.Channels));
        var middle = image.Bytes.Slice(3 * ((32 * 96) + 48), 3);
        Assert.True(middle[0] > 200 && middle[1] < 60 && middle[2] < 60, $"red, got {middle[0]},{middle[1]},{middle[2]}");
    }
}
