using System.Diagnostics;
using System.Text;
using Xunit;

namespace MrfAd.Testing;

/// <summary>
/// Debian's mosquitto on a free loopback port, with its own configuration, with persistence on demand. Keeps its port over
/// stops, kills and starts.
/// </summary>
public sealed class MosquittoBroker : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/mosquitto";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private Process? _process;

    private MosquittoBroker()
    {
    }

    public int Port { get; } = FreePort.Next();

    /// <param name="users">Name and password of all who may connect; none: everybody may.</param>
    /// <param name="accessRules">Lines of an ACL file; none: everybody may do everything.</param>
    /// <param name="persistent">Sessions and messages survive; what a SIGKILL finds unwritten is lost all the same.</param>
    public static async Task<MosquittoBroker> StartNewAsync(IReadOnlyDictionary<string, string>? users = null, string? accessRules = null, bool persistent = false)
    {
        var broker = await PrepareAsync(users, accessRules, persistent);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Configured, with a port, not yet there.</summary>
    public static async Task<MosquittoBroker> PrepareAsync(IReadOnlyDictionary<string, string>? users = null, string? accessRules = null, bool persistent = false)
    {
        Assert.SkipUnless(File.Exists(Executable), $"{Executable} is not installed (Debian: mosquitto)");
        var broker = new MosquittoBroker();
        await broker.ConfigureAsync(users, accessRules, persistent);
        return broker;
    }

    public async Task StartAsync()
    {
        var running = new TaskCompletionSource();
        var process = new Process
        {
            StartInfo = new ProcessStartInfo(Executable, ["-c", _folder.File("mosquitto.conf")]) { RedirectStandardError = true },
            EnableRaisingEvents = true,
        };
        process.Exited += (_, _) => running.TrySetException(new InvalidOperationException($"mosquitto ended: {Log}"));
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
                _log.AppendLine(line.Data);
            if (line.Data?.EndsWith(" running", StringComparison.Ordinal) == true)
                running.TrySetResult();
        };
        process.Start();
        process.BeginErrorReadLine();
        _process = process;
        await running.Task.WaitAsync(Patience);
    }

    /// <summary>SIGTERM: the broker says goodbye to its clients.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    /// <summary>What the broker wrote so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    private async Task ConfigureAsync(IReadOnlyDictionary<string, string>? users, string? accessRules, bool persistent)
    {
        // Since 2.0 a broker without 'listener' and 'allow_anonymous' serves nobody; 'user root' keeps the files readable to it.
        var lines = new List<string> { "user root", $"listener {Port} 127.0.0.1", "log_dest stderr" };
        // Written after each change, as often as mosquitto can; its log of every packet is for short tests.
        lines.AddRange(persistent
            ? ["persistence true", $"persistence_location {_folder.Path}/", "autosave_on_changes true", "autosave_interval 1", "log_type error", "log_type warning", "log_type notice", "log_type information"]
            : ["persistence false", "log_type all"]);
        if (users is null)
        {
            lines.Add("allow_anonymous true");
        }
        else
        {
            lines.Add($"password_file {_folder.File("passwords")}");
            await File.WriteAllTextAsync(_folder.File("passwords"), "");
            foreach (var (name, password) in users)
            {
                using var passwd = Process.Start("mosquitto_passwd", ["-b", _folder.File("passwords"), name, password]);
                await passwd.WaitForExitAsync();
            }
        }

        if (accessRules is not null)
        {
            lines.Add($"acl_file {_folder.File("acl")}");
            await File.WriteAllTextAsync(_folder.File("acl"), accessRules + "\n");
        }

        await File.WriteAllLinesAsync(_folder.File("mosquitto.conf"), lines);
    }
}
