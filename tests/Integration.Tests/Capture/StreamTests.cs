using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using MrfAd.Station.Options;
using MrfAd.Station.Sources;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>RTSP and HTTP streams from local servers.</summary>
public sealed class StreamTests
{
    private readonly SourceProbe _probe = new();

    [Fact]
    public async Task A_stream_delivers_and_delivers_again_when_its_server_is_back()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = _probe.Open(new CameraOptions { Source = server.Url });
        await SourceProbe.AssertRedAsync(source);

        await server.KillAsync();
        string? problem;
        do
            problem = await _probe.NextProblemAsync();
        while (problem is null);
        await server.StartAgainAsync();

        Assert.Contains("rtsp://127.0.0.1", problem, StringComparison.Ordinal);
        await SourceProbe.AssertRedAsync(source);
    }

    [Fact]
    public async Task A_stream_whose_server_falls_silent_is_opened_again()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = _probe.Open(new CameraOptions { Source = server.Url, StallAfter = TimeSpan.FromSeconds(1) });
        await SourceProbe.AssertRedAsync(source);

        await server.FreezeAsync();
        await _probe.ProblemAsync("has sent nothing for more than 1 s");
        await server.KillAsync();
        await server.StartAgainAsync();

        await SourceProbe.AssertRedAsync(source);
    }

    [Theory]
    [InlineData("--codec", "h264")]
    [InlineData("--audio")]
    public async Task A_stream_is_decoded_whatever_its_codec_and_beside_a_sound_track(params string[] options)
    {
        if (options.Contains("h264"))
            GstPlugin.Need("openh264", "gstreamer1.0-plugins-bad");
        await using var server = await RtspServer.StartedAsync(96, 64, "red", options);
        using var source = _probe.Open(new CameraOptions { Source = server.Url });

        await SourceProbe.AssertRedAsync(source);
    }

    [Fact]
    public async Task A_stream_with_a_password_delivers_to_whoever_knows_it()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red", "--user", "line \"1\"", "--password", "\"p@ss:w/ rd! %");
        using var source = _probe.Open(new CameraOptions { Source = server.Url.Replace("//", $"//{Uri.EscapeDataString("line \"1\"")}:{Uri.EscapeDataString("\"p@ss:w/ rd! %")}@", StringComparison.Ordinal) });

        await SourceProbe.AssertRedAsync(source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("line:secret@")]
    public async Task A_stream_with_a_wrong_password_says_so_and_not_which(string login)
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red", "--user", "line", "--password", "right");
        using var source = _probe.Open(new CameraOptions { Source = server.Url.Replace("//", $"//{login}", StringComparison.Ordinal) });

        Assert.Equal($"{server.Url} cannot be opened: user name or password are missing or wrong", await _probe.NextProblemAsync());
    }

    [Theory]
    [InlineData("rtsp://line:secret@camera.invalid/1", "rtsp://camera.invalid/1 cannot be opened: camera.invalid:554 cannot be reached: ")]
    [InlineData("rtsp://line:secret@127.0.0.1:1/1", "rtsp://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused")]
    [InlineData("http://line:secret@camera.invalid/1", "http://camera.invalid/1 cannot be opened: camera.invalid:80 cannot be reached: ")]
    [InlineData("http://line:secret@127.0.0.1:1/1", "http://127.0.0.1:1/1 cannot be opened: 127.0.0.1:1 cannot be reached: Connection refused")]
    public async Task A_server_that_is_not_there_is_named_with_the_reason(string address, string text)
    {
        using var source = _probe.Open(new CameraOptions { Source = address });

        var problem = await _probe.NextProblemAsync();

        Assert.StartsWith(text, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https")]
    [InlineData("rtsps")]
    public async Task A_server_with_a_certificate_that_is_not_trusted_is_reported(string scheme)
    {
        using var authority = new TestAuthority();
        var (certificate, key) = authority.Issue("localhost");
        using var identity = X509Certificate2.CreateFromPemFile(certificate, key);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var stop = new CancellationTokenSource();
        var serving = ShakeHandsAsync(server, identity, stop.Token);
        using (var source = _probe.Open(new CameraOptions { Source = $"{scheme}://localhost:{((IPEndPoint)server.LocalEndpoint).Port}/1" }))
            Assert.EndsWith($"cannot be opened: localhost:{((IPEndPoint)server.LocalEndpoint).Port} shows a certificate that is not trusted here", await _probe.NextProblemAsync(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task A_path_that_the_server_has_not_is_reported()
    {
        await using var server = await RtspServer.StartedAsync(96, 64, "red");
        using var source = _probe.Open(new CameraOptions { Source = server.Url + "s" });

        Assert.Contains("Not Found", await _probe.NextProblemAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public Task A_codec_without_a_plug_in_is_named_with_the_package_that_brings_it() => OwnProcess.RunAsync(
        async () =>
        {
            GstPlugin.Need("openh264", "gstreamer1.0-plugins-bad");
            await using var server = await RtspServer.StartedAsync(96, 64, "red", "--codec", "h264");
            using var source = _probe.Open(new CameraOptions { Source = server.Url });

            Assert.Matches(@"cannot be opened: GStreamer has no decoder for H\.264.*\(apt-get install gstreamer1\.0-libav gstreamer1\.0-plugins-bad\)$", await _probe.NextProblemAsync());
        },
        new Dictionary<string, string> { ["GST_PLUGIN_FEATURE_RANK"] = string.Join(',', new[] { "openh264dec", "avdec_h264", "vah264dec", "vaapidecodebin", "nvh264dec", "v4l2h264dec" }.Select(e => $"{e}:NONE")) });

    [Fact]
    public async Task A_stream_over_HTTP_delivers_and_delivers_again_after_it_fell_silent()
    {
        await using var server = new MjpegServer(96, 64, (255, 0, 0));
        using var source = _probe.Open(new CameraOptions { Source = server.Url, StallAfter = TimeSpan.FromSeconds(1) });
        await SourceProbe.AssertRedAsync(source);

        server.Freeze();
        await _probe.ProblemAsync($"{server.Url} has sent nothing for more than 1 s, after ");
        server.Thaw();

        await SourceProbe.AssertRedAsync(source);
    }

    [Fact]
    public async Task Each_image_of_a_stream_over_HTTP_is_delivered_before_the_next_is_sent()
    {
        using var allowed = new SemaphoreSlim(1);
        // Large enough for GStreamer to detect the type from the first image.
        await using var server = new MjpegServer(640, 480, (255, 0, 0), allowed: allowed);
        using var source = _probe.Open(new CameraOptions { Source = server.Url, Trigger = TriggerMode.FreeRun, Policy = Backpressure.Every });

        for (var i = 0; i < 10; i++)
        {
            (await source.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(SourceProbe.Timeout))!.Image.Dispose();
            allowed.Release();
        }

        Assert.Null(await _probe.NextProblemAsync());
        Assert.False(_probe.HasProblem);
    }

    [Fact]
    public async Task A_stream_over_HTTP_with_a_password_delivers_to_whoever_knows_it_and_says_nothing_of_it_to_others()
    {
        await using var server = new MjpegServer(96, 64, (255, 0, 0), "line:p@ss w");
        using (var source = _probe.Open(new CameraOptions { Source = server.Url.Replace("//", "//line:p%40ss%20w@", StringComparison.Ordinal) }))
            await SourceProbe.AssertRedAsync(source);
        using var other = _probe.Open(new CameraOptions { Source = server.Url.Replace("//", "//line:secret@", StringComparison.Ordinal) });

        await _probe.ProblemAsync($"{server.Url} cannot be opened: user name or password are missing or wrong");
    }

    [Fact]
    public async Task A_stream_that_is_still_being_opened_is_left_at_once()
    {
        GstPlugin.Need("rtsp", "gstreamer1.0-plugins-good");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var left = new CancellationTokenSource();
        var opening = Task.Run(() => new GstReader(GstPipeline.Stream(new Uri($"rtsp://{silent.LocalEndpoint}/1")), TimeProvider.System, left.Token));
        using var client = await silent.AcceptTcpClientAsync().WaitAsync(SourceProbe.Timeout);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening.WaitAsync(SourceProbe.Timeout));
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
}
