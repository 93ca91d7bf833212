using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Runs GStreamer's RTSP server with a test pattern on a free loopback port.</summary>
public sealed class RtspServer : IAsyncDisposable
{
    private const string Interpreter = "/usr/bin/python3";
    private const string Packages = "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good";

    private readonly string[] _picture;
    private Process _process;

    private RtspServer(Process process, string port, string[] picture) => (_process, Port, _picture) = (process, port, picture);

    public string Url => $"rtsp://127.0.0.1:{Port}/part";

    private string Port { get; }

    /// <param name="pattern">The pattern of videotestsrc, such as "red" or "smpte".</param>
    /// <param name="options">The options of rtsp_server.py, such as "--codec", "h264".</param>
    public static async Task<RtspServer> StartedAsync(int width, int height, string pattern, params string[] options)
    {
        Requires.Program(Interpreter, Packages);
        string[] picture = [width.ToString(CultureInfo.InvariantCulture), height.ToString(CultureInfo.InvariantCulture), pattern, .. options];
        var process = Start(picture);
        var port = await process.StandardOutput.ReadLineAsync();
        Requires.Package(port is not null, "GStreamer's RTSP server", Packages);
        return new RtspServer(process, port!, picture);
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Suspends the server, which stays connected and sends nothing more.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process, "STOP");

    /// <summary>Starts the server again on the same port, after <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        _process.Dispose();
        _process = Start([.. _picture, "--port", Port]);
        Assert.Equal(Port, await _process.StandardOutput.ReadLineAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo(
        Interpreter, [Path.Combine(Repository.Root, "tests", "Testing", "rtsp_server.py"), .. arguments])
    { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
