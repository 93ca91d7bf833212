using MrfAd.Engine.Images;
using MrfAd.Station.Capture;

namespace MrfAd.Station.Sources;

/// <summary>An opened stream. One thread, but for <see cref="Interrupt"/>.</summary>
public interface ILiveReader : IDisposable
{
    /// <summary>Waits for the next frame.</summary>
    /// <returns>Null where the stream has ended, broke off or was interrupted.</returns>
    /// <exception cref="CameraLostException">It broke off, and why.</exception>
    Image? Read();

    /// <summary>From another thread: nobody wants a frame any more, the read under way may return. Some drivers only let it run into a time limit of their own.</summary>
    void Interrupt();
}
