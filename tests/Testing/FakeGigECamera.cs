using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>Aravis' fake GigE Vision camera on loopback. Its port is fixed, so that a test waits until no other process runs one.</summary>
public sealed class FakeGigECamera : IAsyncDisposable
{
    private const string Executable = "/usr/bin/arv-fake-gv-camera-0.8";

    private static TimeSpan WaitTimeout => TestTimeout.Value * 5;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly FileStream _turn;
    private Process? _process;

    private FakeGigECamera(FileStream turn) => _turn = turn;

    public static bool IsInstalled => File.Exists(Executable);

    public string Serial { get; } = $"FAKE{Guid.NewGuid():N}"[..12];

    public string Source => $"gige:{Serial}";

    public static async Task<FakeGigECamera> StartedAsync()
    {
        Requires.Program(Executable, package: "aravis-tools");
        var camera = new FakeGigECamera(await TakeTurnAsync());
        camera.Start();
        return camera;
    }

    /// <param name="lost">The share of the packets that it does not send, in thousandths.</param>
    public void Start(int lost = 0) => _process = Process.Start(new ProcessStartInfo(Executable, ["-i", "127.0.0.1", "-s", Serial, "-r", $"{lost}"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Kills the camera, as if its cable were pulled out.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Suspends the camera, which stays present, until <see cref="ThawAsync"/>.</summary>
    public Task FreezeAsync() => Signals.SendAsync(_process!, "STOP");

    /// <summary>Resumes the camera.</summary>
    public Task ThawAsync() => Signals.SendAsync(_process!, "CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        await _turn.DisposeAsync();
    }

    private static async Task<FileStream> TakeTurnAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Path.GetTempPath(), "mrfad-fake-camera.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(start) < WaitTimeout)
            {
                await Task.Delay(PollInterval);
            }
        }
    }
}
