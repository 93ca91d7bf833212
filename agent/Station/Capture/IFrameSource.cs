using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>A source of frames for one camera, with a single reader, which disposes of it.</summary>
public interface IFrameSource : IDisposable
{
    /// <summary>Waits for the next frame without a time limit; the caller sets a deadline by the token.</summary>
    /// <returns>The frame, whose image the caller owns; null where the source has ended for good.</returns>
    /// <exception cref="ImageFormatException">A frame came that is no usable image; the text names it. The next call returns the next frame.</exception>
    /// <exception cref="IOException">A frame came that cannot be read; the next call returns the next frame. A <see cref="NoFrameException"/> gives the cause; a <see cref="CameraLostException"/>, or an error of any other type, is not that of one frame: the source is closed and opened again.</exception>
    ValueTask<Frame?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Returns true for a source whose frames come whether requested or not; otherwise the next frame waits until it is requested.</summary>
    bool IsLive => false;
}
