namespace MrfAd.Engine.Images;

/// <summary>The frames of a video file, in order. One reader, one thread.</summary>
public sealed class VideoReader : IDisposable
{
    private readonly OpenCv.Video _video;

    private VideoReader(OpenCv.Video video) => _video = video;

    /// <param name="path">A file, or numbered images such as <c>%03d.png</c>.</param>
    /// <exception cref="VideoException">It cannot be opened.</exception>
    public static VideoReader Open(string path) => new(new OpenCv.Video(path));

    /// <returns>The next frame, or null at the end.</returns>
    public Image? Read() => _video.Read();

    public void Dispose() => _video.Dispose();
}
