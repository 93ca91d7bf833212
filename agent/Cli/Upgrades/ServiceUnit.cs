using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Upgrades;

/// <summary>The station's service, by <c>systemctl</c>.</summary>
internal sealed class ServiceUnit(string name)
{
    // Takes over where the process that makes an upgrade ends before the upgrade does.
    private const string Watcher = "mrfad-upgrade.service";

    private const string CredentialsFolder = "/run/credentials";

    public string Name => name;

    /// <returns>The number of the service's process; null where it does not run.</returns>
    public int? ProcessId() => int.TryParse(Show("MainPID"), CultureInfo.InvariantCulture, out var id) && id > 0 ? id : null;

    /// <returns>The folder of the version that the service runs; null where it does not run.</returns>
    public string? RunningFolder() =>
        ProcessId() is { } id && new FileInfo($"/proc/{id}/exe").LinkTarget is { } program && Path.GetDirectoryName(program) is { } agent ? Path.GetDirectoryName(agent) : null;

    /// <returns>The environment variables that the unit sets for the configuration. They come from the service manager, as a process may change its own.</returns>
    public Hashtable Environment()
    {
        var set = new Hashtable();
        foreach (var variable in Words(Show("Environment")).Select(word => word.Split('=', 2)).Where(v => v.Length == 2 && v[0].StartsWith(StationConfig.VariablePrefix, StringComparison.Ordinal)))
            set[variable[0]] = variable[1];
        var credentials = Path.Combine(CredentialsFolder, name);
        if (Directory.Exists(credentials))
            set[StationOptions.Credentials[1..]] = credentials;
        return set;
    }

    /// <returns>The groups that the service has beside its user's own.</returns>
    public IReadOnlyList<string> Groups() => [.. Words(Show("SupplementaryGroups"))];

    /// <summary>Asks for a restart, which comes about whatever happens to this process.</summary>
    public void Restart() => Run("restart", "--no-block", name);

    /// <summary>Asks for the service that waits until this process has ended, and goes on with the upgrade if that is still open.</summary>
    public static void StartWatcher() => Run("start", "--no-block", Watcher);

    private string Show(string property) => Run("show", name, $"--property={property}", "--value").Trim();

    private static string Run(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new IOException($"systemctl {string.Join(' ', arguments)}: {errors.Result.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new UsageException($"systemctl cannot be started: {e.Message}. An upgrade wants the station as a systemd service; without one, install the package by hand");
        }
    }

    /// <summary>Splits what systemd prints of variables: words, of which those with special characters are in double quotes with backslashes.</summary>
    internal static IEnumerable<string> Words(string text)
    {
        var (words, isQuoted) = (new List<StringBuilder> { new() }, false);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                isQuoted = !isQuoted;
            else if (text[i] == ' ' && !isQuoted)
                words.Add(new StringBuilder());
            else
                words[^1].Append(text[i] == '\\' && isQuoted && i + 1 < text.Length ? text[++i] : text[i]);
        }

        return words.Select(word => word.ToString()).Where(word => word.Length > 0);
    }
}
