using System.Diagnostics;
using MrfAd.Cli.Demo;
using MrfAd.Testing;

namespace MrfAd.Cli.Tests.Demo;

public sealed class ChildProcessTests : IDisposable
{
    private static TimeSpan Timeout => TestTimeout.Value;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_line_is_found_whether_it_was_printed_already_or_not()
    {
        await using var child = await Shell("echo first; read x; echo never");

        Assert.Equal("first", await child.LineAsync(line => line == "first", Timeout, default));
        Assert.Equal("first", await child.LineAsync(line => line == "first", Timeout, default));
    }

    [Fact]
    public async Task A_process_that_ends_too_early_is_reported_with_its_last_lines()
    {
        await using var child = await Shell("echo the port is taken >&2");

        var ended = await Assert.ThrowsAsync<IOException>(() => child.LineAsync(line => line == "running", Timeout, default));

        Assert.Contains("the port is taken", ended.Message, StringComparison.Ordinal);
        Assert.Contains("the port is taken", await File.ReadAllTextAsync(_folder.File("child.log")), StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(() => child.WhileAliveAsync(new TaskCompletionSource<int>().Task));
    }

    [Fact]
    public async Task Disposing_ends_the_process_politely()
    {
        var child = await Shell("trap 'echo goodbye; exit 0' TERM; echo ready; while :; do read -t 1 x; done");
        await child.LineAsync(line => line == "ready", Timeout, default);
        using var process = Process.GetProcessById(child.Id);

        await child.DisposeAsync();

        Assert.True(process.HasExited);
        Assert.Contains("goodbye", await File.ReadAllTextAsync(_folder.File("child.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named() =>
        Assert.Contains("no-such-program", (await Failure()).Message, StringComparison.Ordinal);

    private async Task<IOException> Failure() => await Assert.ThrowsAsync<IOException>(async () =>
    {
        await using var child = await ChildProcess.StartAsync("/no-such-program", [], _folder.File("child.log"));
        await child.LineAsync(_ => false, Timeout, default);
    });

    private Task<ChildProcess> Shell(string script) => ChildProcess.StartAsync("bash", ["-c", script], _folder.File("child.log"));
}
