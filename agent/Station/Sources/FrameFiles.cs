using MrfAd.Engine.Images;
using MrfAd.Platform;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>Reads image files as frames.</summary>
public static class FrameFiles
{
    /// <returns>The full paths of the images of a folder, in the ordinal order of their names ("10.png" comes before "2.png").</returns>
    /// <exception cref="IOException">The folder cannot be listed.</exception>
    public static string[] In(string folder)
    {
        // A folder that is missing is an error, not one without images.
        var files = UserFiles.Files(folder).Where(IsImage).ToArray();
        Array.Sort(files, StringComparer.Ordinal);
        return files;
    }

    /// <inheritdoc cref="ImageFolder.IsImage"/>
    public static bool IsImage(string path) => ImageFolder.IsImage(path);

    /// <summary>Reads and decodes an image file.</summary>
    /// <param name="limits">The largest image that is decoded.</param>
    /// <exception cref="ImageFormatException">The file is no usable image.</exception>
    /// <exception cref="IOException">The file cannot be read; a <see cref="NoFrameException"/> where a decoder failed with an error that no file should cause.</exception>
    public static Frame Read(string path, ImageLimits limits, TimeProvider clock)
    {
        var start = clock.GetTimestamp();
        try
        {
            return new Frame(ImageCodec.Read(path, limits), Path.GetFileName(path), clock.GetElapsedTime(start));
        }
        catch (Exception e) when (e is not (ImageFormatException or IOException))
        {
            // Such an error would have the source opened again, and a folder read from its beginning.
            throw new NoFrameException(NoFrameCause.Error, $"{Path.GetFileName(path)}: {ErrorText.Of(e)}", e);
        }
    }
}
