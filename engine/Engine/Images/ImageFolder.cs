using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>
/// Lists the image files of a folder: without files that file managers, notebooks and archives leave behind, and with each folder once, however
/// many links lead to it.
/// </summary>
public static class ImageFolder
{
    // Folders of macOS archives, Windows' recycle bin and volume index, Synology's thumbnails and ext's recovered blocks.
    private static readonly HashSet<string> SystemFolders =
        new(StringComparer.OrdinalIgnoreCase) { "__MACOSX", "$RECYCLE.BIN", "System Volume Information", "@eaDir", "lost+found" };

    private const double MedianFactor = 8;

    /// <summary>Returns true for a file with the ending of an image that is not hidden ("._part.png" is what macOS writes beside "part.png").</summary>
    public static bool IsImage(string path) => ImageCodec.Extensions.Contains(Path.GetExtension(path)) && !IsHidden(path);

    /// <returns>The folder's images, in ordinal order of their paths; none where there is no such folder.</returns>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static IReadOnlyList<string> Files(string folder) =>
        Directory.Exists(folder) ? [.. UserFiles.Files(folder).Where(IsImage).Order(StringComparer.Ordinal)] : [];

    /// <returns>The folders in a folder, in ordinal order, without hidden ones and those of the system.</returns>
    /// <inheritdoc cref="Files"/>
    public static IReadOnlyList<string> Folders(string folder) =>
        [.. UserFiles.Folders(folder).Where(f => !IsHidden(f) && !SystemFolders.Contains(Path.GetFileName(f))).Order(StringComparer.Ordinal)];

    /// <param name="known">Folders that are read in another way.</param>
    /// <returns>The same without links to one of the others, to a known folder or to a folder above: what they hold would count twice.</returns>
    /// <inheritdoc cref="Files"/>
    public static IReadOnlyList<string> DistinctFolders(string folder, params IEnumerable<string> known)
    {
        HashSet<string> seen = new(known.Select(RealPath), StringComparer.Ordinal);
        for (var above = RealPath(folder); above is not null; above = Path.GetDirectoryName(above))
            seen.Add(above);
        return [.. Folders(folder).OrderBy(f => new DirectoryInfo(f).LinkTarget is not null).Where(f => seen.Add(RealPath(f))).Order(StringComparer.Ordinal)];
    }

    /// <param name="unreadable">Called for each folder below that cannot be listed, with the reason; null makes it an error.</param>
    /// <returns>The images of a folder and of all below it, in ordinal order of their paths. A folder that several links lead to is read once, a link to a folder above is none.</returns>
    /// <inheritdoc cref="Files"/>
    public static IReadOnlyList<string> FilesBelow(string folder, Action<string, IOException>? unreadable = null)
    {
        List<string> files = [];
        // Links are followed last, so that images get the path of the folder itself where it is also there.
        Queue<string> links = new();
        HashSet<string> seen = new(StringComparer.Ordinal);
        Visit(folder);
        while (links.TryDequeue(out var link))
            Visit(link);
        files.Sort(StringComparer.Ordinal);
        return files;

        void Visit(string place)
        {
            if (!seen.Add(RealPath(place)))
                return;
            try
            {
                List(place);
            }
            catch (IOException e) when (unreadable is not null && place != folder)
            {
                // One that has gone meanwhile is none.
                if (Directory.Exists(place))
                    unreadable(place, e);
            }
        }

        void List(string place)
        {
            files.AddRange(Files(place));
            foreach (var below in Folders(place))
            {
                if (UserFiles.Access(below, () => new DirectoryInfo(below).LinkTarget) is null)
                    Visit(below);
                else
                    links.Enqueue(below);
            }
        }
    }

    /// <summary>Returns true for an image that <see cref="FilesBelow"/> would list by its name and those of the folders that it is in.</summary>
    /// <param name="path">A path below the folder.</param>
    public static bool IsImageBelow(string folder, string path) =>
        IsImage(path) && Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar)[..^1].All(name => !IsHidden(name) && !SystemFolders.Contains(name));

    /// <returns>The file or folder of this name in a folder; where there is none, the one whose name differs only in upper and lower case; else null.</returns>
    /// <inheritdoc cref="Files"/>
    public static string? Find(string folder, string name)
    {
        var exact = Path.Combine(folder, name);
        return Path.Exists(exact) ? exact
            : !Directory.Exists(folder) ? null
            : UserFiles.Entries(folder).Where(e => Path.GetFileName(e).Equals(name, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).FirstOrDefault();
    }

    /// <summary>
    /// The limits of images that belong together, by what their headers claim: eight times the pixels of the median one, at least 1 megapixel. A file that claims
    /// more is damaged, hostile, or no picture of the product.
    /// </summary>
    /// <param name="paths">The paths of the images; unreadable ones do not count.</param>
    public static ImageLimits Limits(IReadOnlyList<string> paths)
    {
        List<double> sizes = [.. paths.Select(ImageCodec.Size).OfType<(long Width, long Height)>().Select(s => s.Width * (double)s.Height / 1e6).Order()];
        return sizes.Count == 0 ? ImageLimits.Default : ImageLimits.UpTo(
            Math.Min(MedianFactor * sizes[sizes.Count / 2], ImageLimits.Default.MaxMegapixels),
            FormattableString.Invariant($"the median of {sizes.Count} images has {sizes[sizes.Count / 2]:0.###} megapixels"));
    }

    private static bool IsHidden(string path) => Path.GetFileName(path.AsSpan()) is ['.', ..];

    /// <summary>Follows every link in a path.</summary>
    private static string RealPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var real = Path.Combine(RealPath(parent), Path.GetFileName(full));
        try
        {
            return UserFiles.Access(real, () => new DirectoryInfo(real).ResolveLinkTarget(returnFinalTarget: true)) is { } target ? RealPath(target.FullName) : real;
        }
        catch (IOException)
        {
            // Circular links, and links into a folder that may not be read, are ignored.
            return real;
        }
    }
}
