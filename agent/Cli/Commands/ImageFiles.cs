using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Finds the images named on a command line.</summary>
internal static class ImageFiles
{
    /// <param name="skipped">Receives a text for each folder below that cannot be listed; null makes that an error.</param>
    /// <returns>The image files in a folder and all folders below it, sorted by name.</returns>
    /// <exception cref="UsageException">The folder does not exist, or holds no image.</exception>
    public static IReadOnlyList<string> InFolder(string folder, List<string>? skipped = null)
    {
        if (!Directory.Exists(folder))
            throw new UsageException($"no such folder: {folder}");
        var images = ImageFolder.FilesBelow(folder, skipped is null ? null : (_, e) => skipped.Add(e.Message));
        return images.Count > 0 ? images : throw new UsageException($"no images in {folder} (want {string.Join(", ", ImageCodec.Extensions.Order())})");
    }

    /// <returns>The named files, with each folder replaced by the images in it.</returns>
    /// <exception cref="UsageException">A path does not exist.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths) =>
        [.. paths.SelectMany(p => Directory.Exists(p) ? InFolder(p) : File.Exists(p) ? [p] : throw new UsageException($"no such file or folder: {p}"))];

    /// <returns>The same files with the names that a bank stores: the path below the named folder, or the file's name.</returns>
    /// <inheritdoc cref="Expand"/>
    public static IReadOnlyList<(string Path, string Name)> Named(IEnumerable<string> paths) =>
        [.. paths.SelectMany(p => Expand([p]).Select(image => (image, ImageNames.Of(image, Directory.Exists(p) ? p : null))))];
}
