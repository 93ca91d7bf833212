using MrfAd.Cli.Evaluation;

namespace MrfAd.Cli.Commands;

/// <summary>Chooses the file names of overlays, all of them in one folder.</summary>
public static class OverlayNames
{
    private const string Ending = ".overlay.png";

    /// <param name="paths">Paths of images; a path may occur twice.</param>
    /// <returns>A unique name for each image, made of its path below the common folder of all: "broken-003.overlay.png".</returns>
    public static Dictionary<string, string> Of(IReadOnlyList<string> paths)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(paths[0]))!;
        while (paths.Any(p => Path.GetRelativePath(folder, p) is ['.', '.'] or ['.', '.', '/', ..]))
            folder = Path.GetDirectoryName(folder)!;
        var names = paths.Distinct().ToDictionary(p => p, p => FileNames.Shortened(Path.ChangeExtension(Path.GetRelativePath(folder, p), null).Replace('/', '-')));
        // "a/b.png" and "a-b.png", or "a.png" and "a.jpg", would get the same name: a hash of the whole path is added.
        var shared = names.GroupBy(n => n.Value, StringComparer.OrdinalIgnoreCase).Where(g => g.Count() > 1).SelectMany(g => g.Select(n => n.Key)).ToHashSet();
        return names.ToDictionary(n => n.Key, n => $"{n.Value}{(shared.Contains(n.Key) ? $"-{FileNames.Digest(Path.GetRelativePath(folder, n.Key))}" : "")}{Ending}");
    }

    /// <returns>The name of another picture of the same image, such as its explanation.</returns>
    public static string Sibling(string overlay, string kind) => $"{overlay[..^Ending.Length]}.{kind}.png";
}
