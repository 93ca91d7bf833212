using System.Diagnostics;
using System.Text;

namespace MrfAd.Testing;

/// <summary>
/// Runs Debian's mosquitto on free loopback ports, with its own configuration and without persistence. The ports stay the same over
/// stops, kills and starts.
/// </summary>
public sealed class MosquittoBroker : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/mosquitto";

    private static TimeSpan WaitTimeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _log = new();
    private TaskCompletionSource _lineWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private MosquittoBroker()
    {
    }

    public int Port { get; } = FreePort.Next();

    /// <summary>The port of the encrypted listener, where one was configured.</summary>
    public int TlsPort { get; } = FreePort.Next();

    /// <param name="users">The names and passwords of all users; null lets everybody connect.</param>
    /// <param name="accessRules">The lines of an ACL file; null allows everything.</param>
    /// <param name="tls">An additional listener on <see cref="TlsPort"/>; null means none.</param>
    /// <param name="settings">Additional lines of mosquitto.conf.</param>
    public static async Task<MosquittoBroker> StartNewAsync(
        IReadOnlyDictionary<string, string>? users = null, string? accessRules = null, BrokerTls? tls = null, params IEnumerable<string> settings)
    {
        var broker = await PrepareAsync(users, accessRules, tls, settings);
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Starts a broker with listeners and rights of one's own.</summary>
    /// <param name="settings">The lines of mosquitto.conf that name listeners, files and rights.</param>
    public static async Task<MosquittoBroker> StartWithAsync(string settings)
    {
        Requires.Program(Executable, package: "mosquitto");
        var broker = new MosquittoBroker();
        await File.WriteAllTextAsync(broker._folder.File("mosquitto.conf"), $"user root\npersistence false\nlog_dest stderr\nlog_type all\n{settings}");
        await broker.StartAsync();
        return broker;
    }

    /// <summary>Configures a broker with its ports, and does not start it.</summary>
    public static async Task<MosquittoBroker> PrepareAsync(
        IReadOnlyDictionary<string, string>? users = null, string? accessRules = null, BrokerTls? tls = null, params IEnumerable<string> settings)
    {
        Requires.Program(Executable, package: "mosquitto");
        var broker = new MosquittoBroker();
        await broker.ConfigureAsync(users, accessRules, tls, settings);
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
            {
                _log.AppendLine(line.Data);
                _lineWritten.SetResult();
                _lineWritten = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (line.Data?.EndsWith(" running", StringComparison.Ordinal) == true)
                running.TrySetResult();
        };
        process.Start();
        process.BeginErrorReadLine();
        _process = process;
        await running.Task.WaitAsync(WaitTimeout);
    }

    /// <summary>Stops the broker with SIGTERM, so that it disconnects its clients in order.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
    }

    /// <summary>Kills the broker with SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(WaitTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        _process?.Dispose();
        _folder.Dispose();
    }

    /// <summary>The log of the broker so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Completes when the log of the broker contains the text.</summary>
    public async Task LoggedAsync(string text)
    {
        using var timeout = new CancellationTokenSource(TestTimeout.Value);
        while (true)
        {
            Task next;
            lock (_log)
            {
                if (_log.ToString().Contains(text, StringComparison.Ordinal))
                    return;
                next = _lineWritten.Task;
            }

            await next.WaitAsync(timeout.Token);
        }
    }

    /// <summary>Changes the users while the broker runs, which disconnects those who were removed.</summary>
    public async Task ChangeUsersAsync(IReadOnlyDictionary<string, string> users)
    {
        await WriteUsersAsync(users);
        await ReloadAsync();
    }

    /// <summary>Changes the access rules while the broker runs.</summary>
    /// <param name="accessRules">The lines of the ACL file.</param>
    public async Task ChangeAccessRulesAsync(string accessRules)
    {
        await File.WriteAllTextAsync(_folder.File("acl"), accessRules + "\n");
        await ReloadAsync();
    }

    private async Task ReloadAsync()
    {
        using var kill = Process.Start("kill", ["-HUP", $"{_process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private async Task WriteUsersAsync(IReadOnlyDictionary<string, string> users)
    {
        await File.WriteAllTextAsync(_folder.File("passwords"), "");
        foreach (var (name, password) in users)
        {
            using var passwd = Process.Start("mosquitto_passwd", ["-b", _folder.File("passwords"), name, password]);
            await passwd.WaitForExitAsync();
        }
    }

    private async Task ConfigureAsync(
        IReadOnlyDictionary<string, string>? users, string? accessRules, BrokerTls? tls, IEnumerable<string> settings)
    {
        // Since 2.0 a broker without 'listener' and 'allow_anonymous' accepts no remote clients; with 'user root' it can read its files.
        List<string> lines = ["user root", "persistence false", "log_dest stderr", "log_type all", .. settings, $"listener {Port} 127.0.0.1"];
        if (tls is not null)
        {
            lines.AddRange([$"listener {TlsPort} 127.0.0.1", $"cafile {tls.CaFile}", $"certfile {tls.Certificate.Certificate}", $"keyfile {tls.Certificate.Key}"]);
            if (tls.WantsCertificates)
                lines.AddRange(["require_certificate true", "use_identity_as_username true"]);
        }

        if (users is null)
        {
            lines.Add("allow_anonymous true");
        }
        else
        {
            lines.Add($"password_file {_folder.File("passwords")}");
            await WriteUsersAsync(users);
        }

        if (accessRules is not null)
        {
            lines.Add($"acl_file {_folder.File("acl")}");
            await File.WriteAllTextAsync(_folder.File("acl"), accessRules + "\n");
        }

        await File.WriteAllLinesAsync(_folder.File("mosquitto.conf"), lines);
    }
}
