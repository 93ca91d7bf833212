using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace MrfAd.Testing;

/// <summary>Runs a script of this folder with the packages of <see cref="NodePackages"/>.</summary>
public static class NodeScript
{
    private static TimeSpan WaitTimeout => TestTimeout.Value;

    /// <summary>Runs a script to its end.</summary>
    /// <returns>The standard output of the script.</returns>
    public static async Task<string> RunAsync(string script, string input, params IEnumerable<string> arguments)
    {
        using var node = Start(script, arguments);
        var errors = node.StandardError.ReadToEndAsync();
        await node.StandardInput.WriteAsync(input);
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync().WaitAsync(WaitTimeout);
        await node.WaitForExitAsync();
        return node.ExitCode == 0 ? output : throw new InvalidOperationException($"{script} failed: {await errors}");
    }

    /// <summary>Runs a script that requests actions of the test: after a line "? ACTION" it waits for a line in return.</summary>
    /// <returns>The standard output of the script without the requests.</returns>
    public static async Task<string> ConverseAsync(string script, Func<string, Task> carryOut, params IEnumerable<string> arguments)
    {
        using var node = Start(script, arguments);
        try
        {
            var errors = node.StandardError.ReadToEndAsync();
            var output = new StringBuilder();
            while (await node.StandardOutput.ReadLineAsync().WaitAsync(WaitTimeout) is { } line)
            {
                if (!line.StartsWith("? ", StringComparison.Ordinal))
                {
                    output.AppendLine(line);
                    continue;
                }

                await carryOut(line[2..]);
                await node.StandardInput.WriteLineAsync("done");
            }

            await node.WaitForExitAsync();
            return node.ExitCode == 0 ? output.ToString() : throw new InvalidOperationException($"{script} failed: {await errors}{output}");
        }
        finally
        {
            if (!node.HasExited)
                node.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(string script, IEnumerable<string> arguments)
    {
        var packages = NodePackages.Require();
        return Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "tests", "Testing", script), packages, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Shorter than a line is waited for, so that the script says what it waited for.
            Environment = { ["MRFAD_TEST_TIMEOUT_MS"] = (WaitTimeout / 2).TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) },
        })!;
    }
}
