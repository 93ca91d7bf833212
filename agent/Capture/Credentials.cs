using System.Text.RegularExpressions;

namespace MrfAd.Agent.Capture;

/// <summary>User names and passwords in the addresses of cameras: for the camera, and for nobody else.</summary>
public static partial class Credentials
{
    private const string Hidden = "***";

    /// <returns>A message without the user names and passwords of URLs, nor those in a pipeline's properties.</returns>
    public static string Masked(string text) => Property().Replace(LogIn().Replace(text, $"://{Hidden}@"), Hidden);

    /// <returns>The same of JSON, in whose strings a quote is written as \u0022.</returns>
    public static string MaskedJson(string json) => JsonProperty().Replace(LogIn().Replace(json, $"://{Hidden}@"), Hidden);

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

    // What stands between "://" and the last '@' before the path; a password may hold an '@' itself.
    [GeneratedRegex("://[^/\\s\"]*@")]
    private static partial Regex LogIn();

    // The properties of rtspsrc, souphttpsrc and srtsrc; the value may stand in quotes.
    [GeneratedRegex("(?<=\\b(?:user-id|user-pw|proxy-id|proxy-pw|passphrase)\\s*=\\s*)(?:\"[^\"]*\"|[^\\s\"]+)")]
    private static partial Regex Property();

    [GeneratedRegex("(?<=\\b(?:user-id|user-pw|proxy-id|proxy-pw|passphrase)\\s*=\\s*)(?:\\\\u0022.*?\\\\u0022|[^\\s\"]+)")]
    private static partial Regex JsonProperty();
}
