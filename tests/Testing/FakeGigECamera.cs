using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Aravis' fake GigE Vision camera on loopback; there can be one at a time on a machine.</summary>
public sealed class FakeGigECamera : IAsyncDisposable
{
    private const string Executable = "/usr/bin/arv-fake-gv-camera-0.8";

    private Process? _process;

    public string Serial { get; } = $"FAKE{Guid.NewGuid():N}"[..12];

    public string Source => $"gige:{Serial}";

    public static FakeGigECamera Started()
    {
        Assert.SkipUnless(File.Exists(Executable), $"{Executable} is not installed (Debian: aravis-tools)");
        var camera = new FakeGigECamera();
        camera.Start();
        return camera;
    }

    public void Start() => _process = Process.Start(new ProcessStartInfo(Executable, ["-i", "127.0.0.1", "-s", Serial]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>As when its cable is pulled out.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>It is there and does nothing, until <see cref="ThawAsync"/>.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process!, "STOP");

    public Task ThawAsync() => Signals.SendAsync(_process!, "CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
    }
}
