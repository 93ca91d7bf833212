using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Debian's Python with NumPy: the independent second opinion of golden tests.</summary>
public static class Python
{
    private const string Interpreter = "/usr/bin/python3";

    /// <summary>Runs a script below <c>tests/Golden</c>; where there is no NumPy, the test is skipped and says so.</summary>
    public static void Run(string script, params string[] arguments) => Run(script, ["numpy"], arguments);

    /// <param name="modules">What it imports; Debian packs each as python3-NAME.</param>
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
