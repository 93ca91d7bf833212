using System.Text.RegularExpressions;

namespace MrfAd.Station.Options;

/// <summary>Hides and extracts the user names and passwords in the addresses of cameras, which only the camera may see.</summary>
public static partial class Credentials
{
    private const string Hidden = "***";

    /// <summary>The end of an error about an address that has an '@' and could not be read: it names the characters that must be escaped.</summary>
    public const string Hint = "; in a user name or password @ : / ? # are written %40 %3A %2F %3F %23";

    // Keys under which cameras take a name or password in a query, or in a path that looks like one.
    private const string Keys = "user(?:name)?|usr|login(?:user?|pas(?:s|word)?)?|account|pass(?:word|wd|phrase)?|pwd|pw|psw|auth|(?:access_?)?token|secret|api_?key|key";

    // The properties of rtspsrc, souphttpsrc and srtsrc; GStreamer takes '_' for '-'.
    private const string Properties = "user[-_]id|user[-_]pw|proxy[-_]id|proxy[-_]pw|passphrase";

    /// <returns>A message without the user names and passwords of URLs, whatever characters they hold, nor those in a pipeline's properties.</returns>
    public static string Masked(string text) => Property().Replace(Query().Replace(LogIn().Replace(text, $"://{Hidden}@"), Hidden), Hidden);

    /// <returns>JSON without the user names and passwords in its strings, where a quote is written as \u0022.</returns>
    public static string MaskedJson(string json) => JsonProperty().Replace(Query().Replace(JsonLogIn().Replace(json, $"://{Hidden}@"), Hidden), Hidden);

    /// <returns>The address without user name and password, otherwise as it is.</returns>
    public static Uri Without(Uri address) =>
        address.UserInfo.Length == 0 ? address : new Uri(address.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.UserInfo, UriFormat.UriEscaped));

    /// <returns>The address's user name and password, its percent signs resolved; null where it has none.</returns>
    public static (string User, string Password)? In(Uri address)
    {
        if (address.UserInfo.Length == 0)
            return null;
        var parts = address.UserInfo.Split(':', 2);
        return (Uri.UnescapeDataString(parts[0]), parts.Length == 2 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    // The text between "://" and an '@': before the path; in the path too, because a password may hold a '/'; and in the query or behind a space too, where the
    // text after the host's colon is not a port with a path and parameters. It may hide more than the password, never less.
    [GeneratedRegex("://(?:[^?\\s]*@|[^/?#\\s:]*:(?!\\d+\\W?(?:\\s|$)|\\d+/[^?\\r\\n]*(?:\\?[^@]*=|[\\r\\n]|$))[^\\r\\n]*@)")]
    private static partial Regex LogIn();

    // A quote ends a string of JSON.
    [GeneratedRegex("://(?:[^?\\s\"]*@|[^/?#\\s\":]*:(?!\\d+/[^?\"]*(?:\\?[^@\"]*=|\"))[^\"]*@)")]
    private static partial Regex JsonLogIn();

    [GeneratedRegex($"(?<=(?:[?&/;]|\\\\u0026)(?:amp;)?(?:{Keys})=)(?:(?!\\\\u00)[^&\\s\"'])+", RegexOptions.IgnoreCase)]
    private static partial Regex Query();

    // The value may stand in quotes of either kind, in which a backslash escapes the next character.
    [GeneratedRegex($"(?<=\\b(?:{Properties})\\s*=\\s*)(?:\"(?:\\\\.|[^\"\\\\])*\"?|'(?:\\\\.|[^'\\\\])*'?|[^\\s\"]+)")]
    private static partial Regex Property();

    [GeneratedRegex($"(?<=\\b(?:{Properties})\\s*=\\s*)(?:\\\\u0022.*?(?<!\\\\)\\\\u0022|\\\\u0027.*?(?<!\\\\)\\\\u0027|[^\\s\"]+)")]
    private static partial Regex JsonProperty();
}
