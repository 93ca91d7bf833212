namespace MrfAd.Station.Options;

/// <summary>Checks that the validators of several options share.</summary>
internal static class OptionChecks
{
    /// <summary>Returns true for a duration that the clock's timers take, with good sense as the upper end: 1 ms to 24 h.</summary>
    public static bool IsTimer(TimeSpan time) => time >= TimeSpan.FromMilliseconds(1) && time <= TimeSpan.FromHours(24);

    /// <returns>The message of the exception by which a check refuses a value, or a file cannot be read; null where all is well.</returns>
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

    /// <param name="file">Of a password, token or key, which systemd may provide; null: none is wanted.</param>
    public static IEnumerable<string> MissingSecret(string path, string? file)
    {
        if (file is null || File.Exists(file))
            yield break;
        var why = file.StartsWith(StationOptions.Credentials, StringComparison.Ordinal) ? ": systemd has set no such folder (LoadCredential= in the unit)" : "";
        yield return $"{path}: there is no file '{file}'{why}";
    }
}
