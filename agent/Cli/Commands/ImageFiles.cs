using MrfAd.Engine.Banks;
using MrfAd.Engine.Images;
using MrfAd.Platform;

namespace MrfAd.Cli.Commands;

/// <summary>Images named on a command line.</summary>
internal static class ImageFiles
{
    /// <returns>The image files of a folder, in the order of their names (all folders below it too).</returns>
    /// <exception cref="UsageException">There is no such folder, or no image in it.</exception>
    public static IReadOnlyList<string> InFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UsageException($"no such folder: {folder}");
        var images = ImageFolder.FilesBelow(folder);
        return images.Count > 0 ? images : throw new UsageException($"no images in {folder} (want {string.Join(", ", ImageCodec.Extensions.Order())})");
    }

    /// <returns>The files as given, and the images of the folders among them.</returns>
    /// <exception cref="UsageException">One does not exist.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths) =>
        [.. paths.SelectMany(p => Directory.Exists(p) ? InFolder(p) : File.Exists(p) ? [p] : throw new UsageException($"no such file or folder: {p}"))];

    /// <returns>The same, and what a bank calls each: an image of a folder by its path below it, others by their files' names.</returns>
    /// <inheritdoc cref="Expand"/>
    public static IReadOnlyList<(string Path, string Name)> Named(IEnumerable<string> paths) =>
        [.. paths.SelectMany(p => Expand([p]).Select(image => (image, ImageNames.Of(image, Directory.Exists(p) ? p : null))))];
}
