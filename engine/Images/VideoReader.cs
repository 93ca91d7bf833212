namespace MrfAd.Engine.Images;

/// <summary>Frames of a video file, a stream's URL, or a V4L2 device, in order. One reader, one thread.</summary>
public sealed class VideoReader : IDisposable
{
    private readonly OpenCv.Video _video;

    private VideoReader(OpenCv.Video video) => _video = video;

    /// <param name="uri">A path or URL that OpenCV's VideoCapture understands.</param>
    /// <exception cref="VideoException">It cannot be opened.</exception>
    public static VideoReader Open(string uri) => new(new OpenCv.Video(uri, device: -1));

    /// <param name="device">The number N of /dev/videoN.</param>
    /// <exception cref="VideoException">It cannot be opened.</exception>
    public static VideoReader OpenDevice(int device) => new(new OpenCv.Video($"/dev/video{device}", device));

    /// <returns>The next frame, or null where the stream has ended or broke off.</returns>
    public Image? Read() => _video.Read();

    public void Dispose() => _video.Dispose();
}
