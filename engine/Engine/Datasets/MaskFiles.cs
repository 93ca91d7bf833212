using MrfAd.Engine.Images;

namespace MrfAd.Engine.Datasets;

/// <summary>Finds the masks of one kind of defect by the names that are in use for them.</summary>
/// <param name="folders">Folders that hold masks: by kind, or of all kinds together.</param>
/// <param name="kind">The folder of the images.</param>
internal sealed class MaskFiles(IReadOnlyList<string> folders, string kind)
{
    // The suffixes of MVTec AD, of VisA (none: the image's own name) and of common labelling tools.
    private static readonly string[] Endings = ["_mask", "", "-mask", "_gt", "_label", "_labels", "_seg"];

    private readonly Dictionary<string, string> _files = Index(folders, kind);

    /// <returns>The path of an image's mask; where there is none, the path that it should have.</returns>
    public string Of(string image)
    {
        var name = Path.GetFileNameWithoutExtension(image);
        foreach (var ending in Endings)
        {
            if (_files.TryGetValue(name + ending, out var mask))
                return mask;
        }

        return Path.Combine(folders.Count > 0 ? folders[0] : "", kind, $"{name}_mask.png");
    }

    // Where two files differ only in case or format the first one counts, and PNG comes before other formats.
    private static Dictionary<string, string> Index(IReadOnlyList<string> folders, string kind)
    {
        var files = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var folder in folders)
        {
            var ofKind = ImageFolder.Find(folder, kind) is { } found && Directory.Exists(found) ? found : folder;
            foreach (var file in ImageFolder.Files(ofKind).OrderBy(f => !Path.GetExtension(f).Equals(".png", StringComparison.OrdinalIgnoreCase)))
                files.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return files;
    }
}
