using System.Diagnostics;
using System.Text.RegularExpressions;
using MrfAd.Testing;

namespace MrfAd.Integration.Tests.Privacy;

/// <summary>Runs the product in a network namespace of its own, with every connection, look-up and new file traced.</summary>
public sealed partial class NothingLeavesTests(LearnedStation station) : IClassFixture<LearnedStation>, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Learn_inspect_and_run_look_up_no_name_connect_to_nobody_elsewhere_and_leave_no_file_of_which_nobody_knows()
    {
        Requires.Program("/usr/bin/strace", package: "strace");
        Assert.SkipUnless(await Run("unshare", [.. Namespace, "true"]) is (0, _), "this user may not make a network namespace");
        foreach (var name in new[] { "good", "line", "home", "temp", "state" })
            Directory.CreateDirectory(_folder.File(name));
        for (var i = 0; i < 6; i++)
            LearnedStation.WritePart(_folder.File($"good/{i}.png"), seed: 50 + i);
        LearnedStation.WritePart(_folder.File("line/0.png"), seed: 60);
        // Nothing listens on that port: the broker is unreachable.
        var config = station.Configure(_folder, FreePort.Next(), $$"""[{ "source": "folder:{{_folder.File("line")}}", "loop": true, "trigger": "free_run" }]""");
        await File.WriteAllTextAsync(_folder.File("all.sh"), $"""
            set -e
            "$1" learn good --encoder {station.Encoder} --out own.mrfbank --scales 0.5,1 --least-side 32 --rows all
            "$1" inspect line/0.png --bank own.mrfbank --encoder {station.Encoder} --out overlays || [ $? -eq 3 ]
            "$1" run --config {config} &
            until ls evidence/*/* >/dev/null 2>&1 || ls evidence/* >/dev/null 2>&1; do kill -0 $!; sleep 0.2; done
            kill -TERM $!
            wait $!
            """);

        var (code, output) = await Run("unshare", [
            .. Namespace, "strace", "-f", "-qq", "-y", "-e", "trace=connect,sendto,sendmsg,sendmmsg,openat,mkdir", "-o", _folder.File("trace"),
            "sh", "all.sh", Path.Combine(AppContext.BaseDirectory, "mrfad")]);

        Assert.True(code == 0, output);
        var trace = await File.ReadAllLinesAsync(_folder.File("trace"));
        // The trace works: it contains the attempt to reach the broker.
        Assert.Contains(trace, line => line.Contains("connect(", StringComparison.Ordinal) && line.Contains("127.0.0.1", StringComparison.Ordinal));
        Assert.DoesNotContain(trace, line => line.Contains("sa_family=AF_INET", StringComparison.Ordinal) && !Loopback().IsMatch(line));
        Assert.DoesNotContain(trace, line => line.Contains("resolv.conf", StringComparison.Ordinal) || line.Contains("/nscd/", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("home")));
        Assert.DoesNotContain(trace, line => Created().Match(line) is { Success: true } made && !IsOurs(made.Groups["path"].Value));
    }

    // Root may create a network namespace; others need a user namespace in which they are root.
    private static string[] Namespace => Environment.IsPrivilegedProcess ? ["--net"] : ["--user", "--map-root-user", "--net"];

    private bool IsOurs(string path) =>
        Path.GetFullPath(path, _folder.Path).StartsWith(_folder.Path, StringComparison.Ordinal) || path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal)
        // Files of the .NET runtime, which exist as long as the process.
        || path.StartsWith("/memfd:", StringComparison.Ordinal);

    private async Task<(int Code, string Output)> Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _folder.Path };
        foreach (var name in new[] { "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "ORT_DISABLE_TELEMETRY" })
            start.Environment.Remove(name);
        start.Environment["HOME"] = _folder.File("home");
        start.Environment["TMPDIR"] = _folder.File("temp");
        start.Environment["MRFAD__EVIDENCE__BUDGET_MB"] = "10";
        start.Environment["MRFAD__EVIDENCE__OK_ONE_IN"] = "1";
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(Timeout);
        return (process.ExitCode, await output + await errors);
    }

    [GeneratedRegex("inet_addr\\(\"127\\.0\\.0\\.1\"\\)|inet_pton\\(AF_INET6, \"(::1|::ffff:127\\.0\\.0\\.1)\"")]
    private static partial Regex Loopback();

    [GeneratedRegex("(?:openat\\([^,]*, \"(?<path>[^\"]+)\", [^)]*O_CREAT|mkdir\\(\"(?<path>[^\"]+)\").*= \\d")]
    private static partial Regex Created();
}
