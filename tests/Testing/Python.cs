using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Runs Debian's Python with NumPy, the independent reference of golden tests.</summary>
public static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>Runs a script below <c>tests/Golden</c>; without NumPy the test is skipped with a message.</summary>
    public static void Run(string script, params string[] arguments) => Run(script, ["numpy"], arguments);

    /// <summary>Runs a script below <c>tests/Golden</c>; the test is skipped where a module is missing.</summary>
    /// <param name="modules">The modules that it imports, each in the Debian package python3-NAME.</param>
    public static void Run(string script, string[] modules, params string[] arguments)
    {
        Requires.PythonModules(modules);
        var (code, output) = Start([Path.Combine(Repository.Root, "tests", "Golden", script), .. arguments]);
        Assert.True(code == 0, output);
    }

    private static (int ExitCode, string Output) Start(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Interpreter, arguments) { RedirectStandardError = true })!;
        var output = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
