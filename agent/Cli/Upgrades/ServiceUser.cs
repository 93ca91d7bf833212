using System.Collections;
using System.Diagnostics;
using MrfAd.Platform;

namespace MrfAd.Cli.Upgrades;

/// <summary>The user of the service, who owns the state folder. What a new version does before it is accepted, it does as this user, and root touches nothing in the state folder.</summary>
/// <param name="stateFolder">The state folder; where there is none yet, the user of this process is meant.</param>
/// <param name="groups">Groups that the user has in addition.</param>
internal sealed class ServiceUser(string stateFolder, IReadOnlyList<string> groups)
{
    /// <summary>Runs a program to its end.</summary>
    /// <param name="environment">Variables in addition to those of this process.</param>
    /// <returns>The exit code and the text on standard output and standard error.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public async Task<(int ExitCode, string Output, string Errors)> RunAsync(string program, IEnumerable<string> arguments, Hashtable environment, CancellationToken cancellation)
    {
        string[] command = [.. As(), program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (DictionaryEntry variable in environment)
            start.Environment[(string)variable.Key] = (string?)variable.Value;
        try
        {
            using var process = Process.Start(start)!;
            await using var _ = cancellation.Register(() => process.Kill(entireProcessTree: true));
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(CancellationToken.None), process.StandardError.ReadToEndAsync(CancellationToken.None));
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return (process.ExitCode, await output, (await errors).Trim());
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{command[0]} cannot be started: {e.Message}", e);
        }
    }

    private string[] As()
    {
        if (FileOwner.CurrentUser != 0 || !Directory.Exists(stateFolder))
            return [];
        var (user, group) = FileOwner.Of(stateFolder);
        return user == 0 ? [] : ["setpriv", $"--reuid={user}", $"--regid={group}", groups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', groups)}", "--no-new-privs"];
    }
}
