using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using MrfAd.Agent.Capture;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Capture;

/// <summary>RTSP from a local server, GStreamer from its test source.</summary>
public sealed class StreamTests
{
    private const string Red = "gst:videotestsrc is-live=true pattern=red ! video/x-raw,width=96,height=64,framerate=20/1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
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

        Assert.Contains("the pipeline of top cannot be opened: GStreamer cannot build it: no element \"nosuchelement\"", await _problems.Reader.ReadAsync().AsTask().WaitAsync(Patience), StringComparison.Ordinal);
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
        Assert.Null(await _problems.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        Assert.Contains("broke off after 30 frames", await _problems.Reader.ReadAsync().AsTask().WaitAsync(Patience), StringComparison.Ordinal);
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
            problem = await _problems.Reader.ReadAsync().AsTask().WaitAsync(Patience);
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
        using (var first = await server.AcceptTcpClientAsync().WaitAsync(Patience))
        {
            var next = AssertRedAsync(source);
            await SendRedAsync(first, frames: 3);
            await next;
            await ProblemAsync("has sent nothing for more than 0.5 s, after ");
            // The one after it delivers nothing at all.
            using var second = await server.AcceptTcpClientAsync().WaitAsync(Patience);
            await ProblemAsync("has sent nothing for more than 0.5 s since it was opened");
        }

        using var third = await server.AcceptTcpClientAsync().WaitAsync(Patience);
        var last = AssertRedAsync(source);
        await SendRedAsync(third, frames: 3);
        await last;
        await ProblemAsync(null);
    }

    private static async Task SendRedAsync(TcpClient client, int frames)
    {
        var frame = Enumerable.Range(0, 96 * 64 * 3).Select(i => i % 3 == 0 ? (byte)255 : (byte)0).ToArray();
        for (var i = 0; i < frames; i++)
            await client.GetStream().WriteAsync(frame, TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for a problem with that text; null: for none.</summary>
    private async Task ProblemAsync(string? text)
    {
        string? problem;
        do
            problem = await _problems.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        while (text is null ? problem is not null : problem?.Contains(text, StringComparison.Ordinal) != true);
    }

    private IFrameSource Open(CameraOptions options)
    {
        if (options.Source.StartsWith("gst:", StringComparison.Ordinal))
            Requires.Package(Directory.GetDirectories("/usr/lib", "*-linux-gnu").Any(d => File.Exists(Path.Combine(d, "gstreamer-1.0", "libgstvideotestsrc.so"))), "GStreamer's test source", "gstreamer1.0-plugins-base");
        return FrameSources.Open(options, TimeProvider.System, why => _problems.Writer.TryWrite(why), (_, _) => { });
    }

    private static async Task AssertRedAsync(IFrameSource source)
    {
        var frame = (await source.NextAsync(CancellationToken.None).AsTask().WaitAsync(Patience))!;
        using var image = frame.Image;
        Assert.Equal((96, 64, 3), (image.Width, image.Height, image.Channels));
        var middle = image.Bytes.Slice(3 * ((32 * 96) + 48), 3);
        Assert.True(middle[0] > 200 && middle[1] < 60 && middle[2] < 60, $"red, got {middle[0]},{middle[1]},{middle[2]}");
    }
}
