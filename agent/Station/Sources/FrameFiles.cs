using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Image files as frames.</summary>
public static class FrameFiles
{
    /// <returns>Full paths in the order of their names (ordinal: "10.png" comes before "2.png").</returns>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static string[] In(string folder)
    {
        // A folder that has gone is not one without images.
        var files = UserFiles.Files(folder).Where(IsImage).ToArray();
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <inheritdoc cref="ImageFolder.IsImage"/>
    public static bool IsImage(string path) => ImageFolder.IsImage(path);

    /// <exception cref="ImageFormatException">It is no usable image.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Frame Read(string path, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        return new Frame(ImageCodec.Read(path), Path.GetFileName(path), clock.GetElapsedTime(start));
    }
}
