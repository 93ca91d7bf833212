using System.Diagnostics;
using Xunit;

namespace MrfAd.Testing;

/// <summary>The npm packages of <c>tests/Testing/npm</c>, installed once into a cache outside the checkout.</summary>
public static class NodePackages
{
    private static readonly string Cache = Environment.GetEnvironmentVariable("MRFAD_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad");

    private static readonly Lazy<string> Installed = new(Install);

    /// <returns>The folder that holds package.json and node_modules; where Node.js is absent, the test is skipped.</returns>
    public static string Require()
    {
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(paths.Any(p => File.Exists(Path.Combine(p, "node"))), "Node.js is not installed");
        return Installed.Value;
    }

    private static string Install()
    {
        var folder = Path.Combine(Cache, "npm-test");
        var wanted = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Testing", "npm", "package.json"));
        var done = Path.Combine(folder, "installed.json");

        // Several test processes may want it at once.
        using var turn = new Mutex(initiallyOwned: false, "Global\\mrfad-npm-test");
        turn.WaitOne();
        try
        {
            if (!File.Exists(done) || File.ReadAllText(done) != wanted)
            {
                Directory.CreateDirectory(folder);
                File.WriteAllText(Path.Combine(folder, "package.json"), wanted);
                RunNpm(folder);
                File.WriteAllText(done, wanted);
            }
        }
        finally
        {
            turn.ReleaseMutex();
        }

        return folder;
    }

    private static void RunNpm(string folder)
    {
        var start = new ProcessStartInfo("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start)!;
        npm.BeginOutputReadLine();
        var errors = npm.StandardError.ReadToEnd();
        npm.WaitForExit();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm install in {folder} ended with {npm.ExitCode}: {errors}");
    }
}
