namespace MrfAd.Station.Outbox;

/// <summary>A file that grows at its end.</summary>
public interface ILogFile : IDisposable
{
    /// <exception cref="IOException">The disk is full or fails; some of the bytes may have been written.</exception>
    void Append(ReadOnlySpan<byte> bytes);

    /// <summary>Returns once all that was appended survives a power loss.</summary>
    /// <exception cref="IOException">The disk fails; how much of the file is on it is unknown.</exception>
    void Sync();
}
