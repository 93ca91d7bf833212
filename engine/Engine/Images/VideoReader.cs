using MrfAd.Platform;

namespace MrfAd.Engine.Images;

/// <summary>Reads the frames of a video file in order. Not thread-safe.</summary>
public sealed class VideoReader : IDisposable
{
    private readonly OpenCv.Video _video;

    private VideoReader(OpenCv.Video video) => _video = video;

    /// <param name="path">The path of a video file, or a pattern of numbered images such as <c>%03d.png</c>.</param>
    /// <exception cref="VideoException">The video cannot be opened.</exception>
    /// <exception cref="IOException">The path is that of a FIFO, a device or a socket.</exception>
    public static VideoReader Open(string path)
    {
        RegularFile.Check(path);
        return new(new OpenCv.Video(path));
    }

    /// <returns>The next frame, or null at the end.</returns>
    public Image? Read() => _video.Read();

    public void Dispose() => _video.Dispose();
}
