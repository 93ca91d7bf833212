namespace MrfAd.Station.Options;

/// <summary>The places of <c>updates.fetch_from</c>: an http(s) address or a folder, with everything below it.</summary>
public static class FetchPlace
{
    /// <summary>Returns true for an http(s) address, false for a path.</summary>
    public static bool IsAddress(string source) =>
        source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns true where the source lies below the place: an address of the same scheme, host and port, or a file, each without a way out by "..".</summary>
    public static bool Holds(string place, string source)
    {
        if (!IsAddress(place))
            return !IsAddress(source) && Path.GetFullPath(source).StartsWith(WithSlash(Path.GetFullPath(place)), StringComparison.Ordinal);
        return Uri.TryCreate(place, UriKind.Absolute, out var allowed) && Uri.TryCreate(source, UriKind.Absolute, out var wanted)
            && wanted.UserInfo.Length == 0 && wanted.Scheme == allowed.Scheme && wanted.Authority == allowed.Authority
            && wanted.AbsolutePath.StartsWith(WithSlash(allowed.AbsolutePath), StringComparison.Ordinal)
            && !Uri.UnescapeDataString(wanted.AbsolutePath).Split('/', '\\').Contains("..");
    }

    private static string WithSlash(string path) => path.EndsWith('/') ? path : path + '/';
}
