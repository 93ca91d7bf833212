using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Skips a test that needs a program, library or device which is missing; the message names the command that installs it.</summary>
public static class Requires
{
    /// <summary>Requires a program.</summary>
    /// <param name="path">The path of the program, such as "/usr/sbin/mosquitto".</param>
    /// <param name="package">The Debian packages that contain it, such as "mosquitto".</param>
    public static void Program(string path, string package) => File(path, package);

    /// <summary>Requires a file.</summary>
    /// <param name="path">The path of a library or another file of a package.</param>
    /// <param name="package">The Debian packages that contain it.</param>
    public static void File(string path, string package) =>
        Assert.SkipUnless(System.IO.File.Exists(path), $"{path} is not installed (apt-get install {package})");

    /// <summary>Requires something that is found by other means than a path.</summary>
    /// <param name="present">True where it was found.</param>
    /// <param name="thing">The name for the message, such as "GStreamer's test source".</param>
    /// <param name="package">The Debian packages that contain it.</param>
    public static void Package(bool present, string thing, string package) =>
        Assert.SkipUnless(present, $"{thing} is not installed (apt-get install {package})");

    /// <returns>The path of a program that is anywhere in PATH.</returns>
    /// <param name="name">The name of the program, such as "node".</param>
    /// <param name="package">The Debian packages that contain it.</param>
    public static string OnPath(string name, string package)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(System.IO.File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed (apt-get install {package})");
        return path;
    }

    /// <summary>Requires root.</summary>
    /// <param name="what">The reason, such as "the installer writes to /etc".</param>
    public static void Root(string what) => Assert.SkipUnless(Environment.IsPrivilegedProcess, $"{what}: run the tests as root (sudo dotnet test)");

    /// <summary>Requires modules of Debian's Python.</summary>
    /// <param name="modules">The names of the modules, each in the Debian package python3-NAME.</param>
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
