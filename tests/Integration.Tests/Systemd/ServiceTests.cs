using System.Diagnostics;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Systemd;

/// <summary>The unit and its installer in a separate root folder, and the agent as systemd starts it.</summary>
public sealed class ServiceTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Root => _folder.File("root");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_installed_unit_is_valid_and_confined_and_goes_again_without_the_users_files()
    {
        Requires.Program("/usr/bin/systemd-analyze", package: "systemd");
        Requires.Root("the installer wants root");
        var script = Package();
        Directory.CreateDirectory(Path.Combine(Root, "usr/lib/systemd"));
        await RunAsync("cp", "-r", "/usr/lib/systemd/system", Path.Combine(Root, "usr/lib/systemd/system"));

        await RunAsync(script, "install", "--root", Root);

        var dotnet = new FileInfo(Path.Combine(Root, "usr/lib/mrfad/dotnet")).LinkTarget!;
        Assert.True(File.Exists(dotnet), dotnet);
        Directory.CreateDirectory(Path.GetDirectoryName(Root + dotnet)!);
        File.Copy(dotnet, Root + dotnet);
        Assert.Equal("", await RunAsync("systemd-analyze", "verify", $"--root={Root}", "mrfad.service", "mrfad-upgrade.service"));
        await RunAsync("systemd-analyze", "security", "--offline=yes", $"--root={Root}", "--threshold=20", "mrfad.service");
        Assert.NotNull(new FileInfo(Path.Combine(Root, "etc/systemd/system/multi-user.target.wants/mrfad.service")).LinkTarget);

        var config = Path.Combine(Root, "etc/mrfad/station.json");
        await File.WriteAllTextAsync(config, "{}");
        await RunAsync(script, "install", "--root", Root); // an update
        Assert.Equal("{}", await File.ReadAllTextAsync(config));

        await RunAsync(script, "uninstall", "--root", Root);
        Assert.True(File.Exists(config));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Root, "usr/lib"), "mrfad*", SearchOption.AllDirectories));

        await RunAsync(script, "uninstall", "--purge", "--root", Root);
        Assert.False(Directory.Exists(Path.Combine(Root, "etc/mrfad")) || Directory.Exists(Path.Combine(Root, "var/lib/mrfad")));
    }

    [Fact]
    public async Task A_package_that_has_dotnet_in_it_is_started_by_its_own_program_and_wants_no_dotnet()
    {
        Requires.Program("/usr/bin/systemd-analyze", package: "systemd");
        Requires.Root("the installer writes to /etc and /usr");
        var script = Package();
        await File.WriteAllTextAsync(_folder.File("package/agent/libcoreclr.so"), "");
        Directory.CreateDirectory(Root);

        await RunAsync(script, "install", "--root", Root);

        Assert.Contains("\nExecStart=/usr/lib/mrfad/systemd/launch.sh run --config /etc/mrfad/station.json\n", await File.ReadAllTextAsync(Path.Combine(Root, "etc/systemd/system/mrfad.service")), StringComparison.Ordinal);
        Assert.False(Path.Exists(Path.Combine(Root, "usr/lib/mrfad/dotnet")));
    }

    [Fact]
    public async Task The_agent_notifies_systemd_when_it_is_ready_that_it_is_alive_and_that_it_stops()
    {
        using var manager = new ServiceManager();
        Directory.CreateDirectory(_folder.File("parts"));
        var config = station.Configure(_folder, FreePort.Next(), """[{ "name": "top", "source": "folder:parts" }]""");
        await using var agent = AgentProcess.Start(["run", "--config", config], new Dictionary<string, string>
        {
            ["NOTIFY_SOCKET"] = manager.Path,
            ["WATCHDOG_USEC"] = "300000",
            ["JOURNAL_STREAM"] = "1:1",
        });

        Assert.Contains("STATUS=Degraded: ", await manager.ReceivedAsync("READY=1"), StringComparison.Ordinal); // no broker is there
        await manager.ReceivedAsync("WATCHDOG=1");
        await manager.ReceivedAsync("WATCHDOG=1");
        await agent.SignalAsync("TERM");
        await manager.ReceivedAsync("STOPPING=1");

        Assert.Equal(0, await agent.ExitAsync());
        Assert.Contains("<6>MrfAd.Station.Inspection.InspectionWorker[201]", agent.Log, StringComparison.Ordinal);
    }

    /// <summary>Creates a package with the layout of build-jetson.sh.</summary>
    /// <returns>The path of its installer.</returns>
    private string Package()
    {
        var package = _folder.File("package");
        foreach (var part in (string[])["systemd", "devices"])
        {
            Directory.CreateDirectory(Path.Combine(package, part));
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, part)))
                File.Copy(file, Path.Combine(package, part, Path.GetFileName(file)));
        }

        Directory.CreateDirectory(Path.Combine(package, "agent"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "mrfad.dll"), Path.Combine(package, "agent/mrfad.dll"));
        return Path.Combine(package, "systemd/service.sh");
    }

    /// <returns>The text on standard error.</returns>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await errors}");
        return await errors;
    }
}
