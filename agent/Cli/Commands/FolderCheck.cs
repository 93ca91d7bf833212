using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Cli.Commands;

/// <summary>Checks that the station can write its folders.</summary>
internal static class FolderCheck
{
    /// <summary>Makes the folders as the station does and writes a file into each; what was made is deleted again.</summary>
    /// <returns>The folders.</returns>
    /// <exception cref="IOException">One cannot be made or written; the message names it.</exception>
    public static string Run(StationOptions options)
    {
        string[] folders = [options.StateFolder, .. options.Evidence.BudgetMb > 0 ? new[] { options.Evidence.Folder } : [], .. options.Collect.Enabled ? new[] { options.Collect.Folder } : []];
        foreach (var folder in folders)
            Try(folder);
        return string.Join(", ", folders);
    }

    private static void Try(string folder)
    {
        var made = Missing(folder);
        try
        {
            UserFiles.CreateFolder(folder);
            var probe = Path.Combine(folder, $".mrfad-check-{Environment.ProcessId}");
            UserFiles.WriteText(probe, "");
            UserFiles.Delete(probe);
        }
        finally
        {
            foreach (var empty in made.Where(Directory.Exists))
                UserFiles.Access(empty, () => Directory.Delete(empty));
        }
    }

    /// <returns>The folder and those above it that do not exist, the innermost first.</returns>
    private static List<string> Missing(string folder)
    {
        var missing = new List<string>();
        for (var at = folder; at is not null && !Path.Exists(at); at = Path.GetDirectoryName(at))
            missing.Add(at);
        return missing;
    }
}
