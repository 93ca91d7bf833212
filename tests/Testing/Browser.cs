using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Runs Debian's Chromium without a window and without a network but this machine.</summary>
public static class Browser
{
    private const string Executable = "/usr/bin/chromium";

    private static TimeSpan WaitTimeout => TestTimeout.Value * 2;

    /// <returns>The page's document after its scripts have run, as HTML.</returns>
    public static async Task<string> DumpAsync(string page)
    {
        using var profile = new TemporaryFolder();
        return await RunAsync(profile, "--virtual-time-budget=5000", "--dump-dom", new Uri(page).AbsoluteUri);
    }

    /// <summary>Prints a page to a PDF file.</summary>
    public static async Task PrintAsync(string page, string pdf)
    {
        using var profile = new TemporaryFolder();
        await RunAsync(profile, "--no-pdf-header-footer", $"--print-to-pdf={pdf}", new Uri(page).AbsoluteUri);
    }

    private static async Task<string> RunAsync(TemporaryFolder profile, params IEnumerable<string> arguments)
    {
        Requires.Program(Executable, package: "chromium");
        using var process = Process.Start(new ProcessStartInfo(Executable,
            ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", $"--user-data-dir={profile.Path}", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(WaitTimeout);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
