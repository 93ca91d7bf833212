using MrfAd.Engine.Images;

namespace MrfAd.Agent.Commands;

/// <summary>Images named on a command line.</summary>
internal static class ImageFiles
{
    /// <returns>The image files of a folder, in the order of their names (all folders below it too).</returns>
    /// <exception cref="UsageException">There is no such folder, or no image in it.</exception>
    public static IReadOnlyList<string> InFolder(string folder)
    {
        if (!Directory.Exists(folder))
            throw new UsageException($"no such folder: {folder}");
        var images = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => ImageCodec.Extensions.Contains(Path.GetExtension(f)))
            .Order(StringComparer.Ordinal)
            .ToList();
        return images.Count > 0 ? images : throw new UsageException($"no images in {folder} (want {string.Join(", ", ImageCodec.Extensions.Order())})");
    }

    /// <returns>The files as given, and the images of the folders among them.</returns>
    /// <exception cref="UsageException">One does not exist.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> paths) =>
        [.. paths.SelectMany(p => Directory.Exists(p) ? InFolder(p) : File.Exists(p) ? [p] : throw new UsageException($"no such file or folder: {p}"))];
}
