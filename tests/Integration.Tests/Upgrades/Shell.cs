using System.Diagnostics;

namespace MrfAd.Integration.Tests.Upgrades;

/// <summary>Runs programs of the system.</summary>
internal static class Shell
{
    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
    }
}
