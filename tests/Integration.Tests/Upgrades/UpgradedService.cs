using System.Diagnostics;
using System.Text;
using MrfAd.Cli.Upgrades;
using MrfAd.Contracts;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Upgrades;

/// <summary>A station under a service manager (tests/systemctl), which starts its program through systemd/launch.sh, and upgrades of it.</summary>
internal sealed class UpgradedService : IAsyncDisposable
{
    private static readonly string Manager = Path.Combine(Repository.Root, "tests/systemctl");

    private readonly string _config, _health;
    private readonly TemporaryFolder _folder;
    private readonly ProgramPackages _packages;
    private readonly Dictionary<string, string> _environment;
    private Process? _supervisor;

    /// <param name="folder">A folder for the service and its versions.</param>
    /// <param name="port">The HTTP port of the configuration.</param>
    public UpgradedService(TemporaryFolder folder, ProgramPackages packages, string config, int port)
    {
        (_folder, _packages, _config, _health) = (folder, packages, config, $"127.0.0.1:{port}");
        Directory.CreateDirectory(folder.File("unit"));
        Versions = new VersionsFolder(folder.File("versions"), packages.Installed);
        _environment = new Dictionary<string, string>
        {
            ["UNIT"] = folder.File("unit"),
            [VersionsFolder.Variable] = Versions.Root,
            ["PATH"] = $"{Manager}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        Start();
    }

    public VersionsFolder Versions { get; }

    public string Log => Text("log") + Text("watcher.log");

    /// <summary>Starts the service manager, as the start of the machine does.</summary>
    public void Start() => _supervisor = Process.Start(WithEnvironment(new ProcessStartInfo(Path.Combine(Manager, "supervise"), [Launcher, _config])))!;

    /// <returns>The station's state once it is Ready, or Running, and no upgrade is open.</returns>
    public async Task<StationStateMessage> ReadyAsync()
    {
        StationStateMessage? state = null;
        await Poll.UntilAsync(async () =>
            Versions.Journal() is { } open ? $"the end of {open}: {Log}"
            : (state = await StationProbe.StateAsync(_health, CancellationToken.None)) is not { State: StationState.Ready or StationState.Running } ? $"Ready, got {state}: {Log}"
            : null);
        return state!;
    }

    /// <summary>Runs <c>mrfad upgrade</c> to its end.</summary>
    public async Task<(int ExitCode, string Output)> UpgradeAsync(params string[] arguments)
    {
        using var process = Upgrade(arguments);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TestTimeout.Value * 5);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Runs <c>mrfad upgrade</c> and kills it.</summary>
    /// <param name="lines">The number of lines after which it is killed; each is a step that was done.</param>
    /// <param name="withAll">True kills the service, its manager and its watcher too, as a power loss does.</param>
    public async Task KillUpgradeAsync(string package, int lines, bool withAll)
    {
        using var process = Upgrade(package);
        for (var i = 0; i < lines && await process.StandardOutput.ReadLineAsync() is not null; i++)
        {
        }

        if (withAll)
            KillAll();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        KillAll();
        await Task.CompletedTask;
    }

    private string Launcher => Path.Combine(_packages.Installed, "systemd/launch.sh");

    private Process Upgrade(params string[] arguments) =>
        Process.Start(WithEnvironment(new ProcessStartInfo(Launcher, ["upgrade", .. arguments, "--config", _config]) { RedirectStandardOutput = true, RedirectStandardError = true }))!;

    private ProcessStartInfo WithEnvironment(ProcessStartInfo start)
    {
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        return start;
    }

    private void KillAll()
    {
        // The manager first, which would start the others again.
        _supervisor?.Kill(entireProcessTree: true);
        _supervisor?.WaitForExit();
        _supervisor?.Dispose();
        _supervisor = null;
        // The watcher is a session of its own, whose first process holds the lock.
        if (int.TryParse(Text("watcher.pid"), out var watcher))
            Shell.Run("sh", "-c", $"kill -KILL -{watcher} 2>/dev/null || true");
    }

    private string Text(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_folder.File("unit"), file), Encoding.UTF8);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
