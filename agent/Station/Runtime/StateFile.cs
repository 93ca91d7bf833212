using System.Text.Json;
using MrfAd.Platform;
using MrfAd.Station.Options;

namespace MrfAd.Station.Runtime;

/// <summary>
/// Reads the small files of the state folder. One that is damaged (empty, cut, <c>null</c>, of another version) is set aside under the name
/// <c>NAME.damaged</c>, and the station starts with what is left: it must not stand still for a file that it can do without.
/// </summary>
public static class StateFile
{
    /// <summary>Reads a file of JSON.</summary>
    /// <param name="lost">The loss, and what is used instead of the file: the second half of the sentence about the damage.</param>
    /// <param name="damage">One sentence about the damage; null where there is none.</param>
    /// <param name="fault">Says what is wrong with a content that could be read; null where any is right.</param>
    /// <returns>The content; a new object where there is no file, or it is damaged.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static T Read<T>(string path, string lost, out string? damage, Func<T, string?>? fault = null)
        where T : class, new()
    {
        damage = null;
        if (!File.Exists(path))
            return new T();
        try
        {
            var content = JsonSerializer.Deserialize<T>(UserFiles.ReadText(path), StationJson.Options);
            var why = content is null ? "it is null" : fault?.Invoke(content);
            if (why is null)
                return content!;
            damage = SetAside(path, why, lost);
        }
        catch (JsonException e)
        {
            damage = SetAside(path, e.Message, lost);
        }

        return new T();
    }

    /// <summary>Renames a damaged file, so that somebody can look at it and nobody reads it again.</summary>
    /// <returns>One sentence about the damage.</returns>
    public static string SetAside(string path, string why, string lost)
    {
        var aside = path + ".damaged";
        for (var i = 2; File.Exists(aside); i++)
            aside = $"{path}.damaged-{i}";
        try
        {
            UserFiles.Move(path, aside);
            return $"{path} was damaged ({why}) and is now {Path.GetFileName(aside)}: {lost}";
        }
        catch (IOException e)
        {
            return $"{path} is damaged ({why}) and cannot be renamed ({e.Message}): {lost}";
        }
    }
}
