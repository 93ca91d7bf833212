using MrfAd.Platform;

namespace MrfAd.Station.Options;

/// <summary>Checks that the validators of several options share.</summary>
internal static class OptionChecks
{
    /// <summary>Returns true for a duration of 1 ms, the resolution of the timers, to 24 h.</summary>
    public static bool IsTimer(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromHours(24);

    /// <returns>The message of the exception by which the check refused a value or could not read a file; null where it passed.</returns>
    public static string? FaultIn(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException)
        {
            return e.Message;
        }
    }

    /// <returns>A clause that says why a path cannot be that of a file to be read: there is none, or it is a FIFO or a device, whose reading may not end; null where it can.</returns>
    public static string? FileFault(string file) =>
        !File.Exists(file) ? $"there is no file '{file}'"
        : RegularFile.Kind(file) is { } kind ? $"'{file}' is {kind}, want a regular file"
        : null;

    /// <summary>Checks that the file of a secret exists.</summary>
    /// <param name="file">The file of a password, token or key, which systemd may provide; null means that none is needed.</param>
    public static IEnumerable<string> MissingSecret(string path, string? file)
    {
        if (file is null || FileFault(file) is not { } fault)
            yield break;
        var why = !File.Exists(file) && file.StartsWith(StationOptions.Credentials, StringComparison.Ordinal) ? ": systemd has set no such folder (LoadCredential= in the unit)" : "";
        yield return $"{path}: {fault}{why}";
    }
}
