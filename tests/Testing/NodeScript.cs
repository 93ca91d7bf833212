using System.Diagnostics;

namespace MrfAd.Testing;

/// <summary>Runs a script of this folder with the packages of <see cref="NodePackages"/>.</summary>
public static class NodeScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>What it wrote.</returns>
    public static async Task<string> RunAsync(string script, string input, params IEnumerable<string> arguments)
    {
        var packages = NodePackages.Require();
        using var node = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Testing", script), packages, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await node.WaitForExitAsync();
        return node.ExitCode == 0 ? output : throw new InvalidOperationException($"{script} failed: {await errors}");
    }
}
