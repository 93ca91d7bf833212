using MrfAd.Engine.Images;

namespace MrfAd.Station.Capture;

/// <summary>Where one camera's frames come from. One reader; disposed by it.</summary>
public interface IFrameSource : IDisposable
{
    /// <summary>Waits for the next frame, for ever if need be: the deadline is the caller's token.</summary>
    /// <returns>The caller owns its image. Null where the source has ended for good.</returns>
    /// <exception cref="ImageFormatException">The frame is there and is no usable image; the text names it. The next call gives the next one.</exception>
    /// <exception cref="IOException">The frame is there and cannot be read; as above. A <see cref="NoFrameException"/> says what became of it.</exception>
    ValueTask<Frame?> NextAsync(CancellationToken cancellationToken);

    /// <summary>Frames come whether asked for or not; otherwise the next one waits until it is.</summary>
    bool IsLive => false;
}
