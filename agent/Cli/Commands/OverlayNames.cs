using System.Security.Cryptography;
using System.Text;

namespace MrfAd.Cli.Commands;

/// <summary>A file name for the overlay of each image, all of them in one folder.</summary>
public static class OverlayNames
{
    private const string Ending = ".overlay.png";

    // File systems take 255 bytes; "explain" is longer than "overlay", and a file has another name while it is written.
    private const int BytesMax = 180;

    /// <param name="paths">Images; one may be there twice.</param>
    /// <returns>For each image a name of its own, made of its path below the folder that holds them all: "broken-003.overlay.png".</returns>
    public static Dictionary<string, string> Of(IReadOnlyList<string> paths)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(paths[0]))!;
        while (paths.Any(p => Path.GetRelativePath(folder, p).StartsWith("..", StringComparison.Ordinal)))
            folder = Path.GetDirectoryName(folder)!;
        var names = paths.Distinct().ToDictionary(p => p, p => Short(Path.ChangeExtension(Path.GetRelativePath(folder, p), null).Replace('/', '-')));
        // "a/b.png" and "a-b.png", or "a.png" and "a.jpg", would share one: their whole paths tell them apart.
        var shared = names.GroupBy(n => n.Value, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).SelectMany(g => g.Select(n => n.Key)).ToHashSet();
        return names.ToDictionary(n => n.Key, n => $"{n.Value}{(shared.Contains(n.Key) ? $"-{Digest(Path.GetRelativePath(folder, n.Key))}" : "")}{Ending}");
    }

    /// <returns>The name of another picture of the same image.</returns>
    public static string Sibling(string overlay, string kind) => $"{overlay[..^Ending.Length]}.{kind}.png";

    private static string Short(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= BytesMax)
            return name;
        var length = name.Length;
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) > BytesMax)
            length--;
        return $"{name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)]}-{Digest(name)}";
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
}
