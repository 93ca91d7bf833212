using MrfAd.Engine.Images;

namespace MrfAd.Agent.Capture;

/// <summary>A stream or device that OpenCV reads. It cannot be interrupted; a read ends by itself after 30 s (FFmpeg) or 10 s (V4L2) without a frame.</summary>
/// <param name="reader">Taken over.</param>
public sealed class OpenCvReader(VideoReader reader) : ILiveReader
{
    public Image? Read() => reader.Read();

    public void Interrupt()
    {
    }

    public void Dispose() => reader.Dispose();
}
