namespace MrfAd.Station.Outbox;

/// <summary>A file that grows at its end.</summary>
public interface ILogFile : IDisposable
{
    /// <exception cref="IOException">No room, or the disk fails; some of it may be written.</exception>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns when a power loss takes nothing of it.</summary>
    /// <exception cref="IOException">The disk fails: nobody knows what is on it.</exception>
    void Sync();
}
