using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace MrfAd.Testing;

/// <summary>The npm packages of <c>tests/Testing/npm</c>, installed once into a cache outside the checkout, with a folder for each list of packages.</summary>
public static class NodePackages
{
    private static readonly string Cache = Environment.GetEnvironmentVariable("MRFAD_CACHE")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mrfad");

    private static readonly Lazy<(string Folder, string? Error)> Installed = new(Install);

    /// <returns>The folder that holds package.json and node_modules; where Node.js, npm or their registry is absent, the test is skipped.</returns>
    public static string Require()
    {
        Requires.OnPath("node", package: "nodejs");
        Requires.OnPath("npm", package: "npm");
        var (folder, error) = Installed.Value;
        Assert.SkipWhen(error is not null, $"the npm packages of the tests are not installed (npm install --prefix {folder}): {error}");
        return folder;
    }

    private static (string Folder, string? Error) Install()
    {
        var wanted = File.ReadAllText(Path.Combine(Repository.Root, "tests", "Testing", "npm", "package.json"));
        var folder = Path.Combine(Cache, $"npm-test-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(wanted)))[..12]}");
        var done = Path.Combine(folder, "installed");

        // Several test processes may install at once.
        using var turn = new Mutex(initiallyOwned: false, "Global\\mrfad-npm-test");
        turn.WaitOne();
        try
        {
            if (File.Exists(done))
                return (folder, null);
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, "package.json"), wanted);
            if (RunNpm(folder) is { } error)
                return (folder, error);
            File.WriteAllText(done, "");
            return (folder, null);
        }
        finally
        {
            turn.ReleaseMutex();
        }
    }

    /// <returns>The first line of the error; null where the installation succeeded.</returns>
    private static string? RunNpm(string folder)
    {
        var start = new ProcessStartInfo("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start)!;
        npm.BeginOutputReadLine();
        var errors = npm.StandardError.ReadToEnd();
        npm.WaitForExit();
        return npm.ExitCode == 0 ? null : errors.Split('\n').FirstOrDefault(line => line.Length > 0) ?? $"npm ended with {npm.ExitCode}";
    }
}
