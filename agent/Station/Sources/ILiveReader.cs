using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>An opened stream of frames. One thread uses it, except for <see cref="Interrupt"/>.</summary>
public interface ILiveReader : IDisposable
{
    /// <summary>Waits for the next frame.</summary>
    /// <returns>The frame; null where the stream has ended, broke off or was interrupted.</returns>
    /// <exception cref="CameraLostException">The stream broke off; the text says why.</exception>
    Image? Read();

    /// <summary>Lets a read that is under way return early; called on another thread. With some drivers the read returns only after a time limit of their own.</summary>
    void Interrupt();
}
