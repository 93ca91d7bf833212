using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Skips a test that needs a program, library or device which is not here; the sentence names the command that brings it.</summary>
public static class Requires
{
    /// <param name="path">Of the program: "/usr/sbin/mosquitto".</param>
    /// <param name="package">Debian's packages with it: "mosquitto".</param>
    public static void Program(string path, string package) => File(path, package);

    /// <param name="path">A library or another file of a package.</param>
    /// <param name="package">Debian's packages with it.</param>
    public static void File(string path, string package) =>
        Assert.SkipUnless(System.IO.File.Exists(path), $"{path} is not installed (apt-get install {package})");

    /// <param name="present">Found by other means than a file's name.</param>
    /// <param name="thing">"GStreamer's test source".</param>
    /// <param name="package">Debian's packages with it.</param>
    public static void Package(bool present, string thing, string package) =>
        Assert.SkipUnless(present, $"{thing} is not installed (apt-get install {package})");

    /// <returns>The path of a program that lies anywhere in PATH.</returns>
    /// <param name="name">"node".</param>
    /// <param name="package">Debian's packages with it.</param>
    public static string OnPath(string name, string package)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(System.IO.File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed (apt-get install {package})");
        return path;
    }

    /// <param name="what">"the installer writes to /etc".</param>
    public static void Root(string what) => Assert.SkipUnless(Environment.IsPrivilegedProcess, $"{what}: run the tests as root (sudo dotnet test)");

    /// <param name="modules">Modules of Debian's Python: each is packed as python3-NAME.</param>
    public static void PythonModules(params IEnumerable<string> modules)
    {
        const string interpreter = "/usr/bin/python3";
        Program(interpreter, "python3");
        foreach (var module in modules)
        {
            using var python = Process.Start(new ProcessStartInfo(interpreter, ["-c", $"import {module}"]) { RedirectStandardError = true })!;
            python.StandardError.ReadToEnd();
            python.WaitForExit();
            Package(python.ExitCode == 0, $"Python's module {module}", $"python3-{module}");
        }
    }
}
