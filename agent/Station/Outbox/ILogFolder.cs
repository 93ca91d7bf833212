namespace MrfAd.Station.Outbox;

/// <summary>A folder of append-only files, through which a log reaches the disk. All names are plain file names.</summary>
public interface ILogFolder
{
    /// <summary>Returns the names of all files in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Creates an empty file; its name survives a power loss once <see cref="ILogFile.Sync"/> has returned.</summary>
    /// <exception cref="IOException">The disk is full, the folder is gone, or the file exists already.</exception>
    ILogFile Create(string name);

    byte[] Read(string name);

    /// <param name="buffer">Receives the bytes from the offset on, as far as the file reaches.</param>
    /// <returns>The number of bytes read.</returns>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    int Read(string name, long offset, Span<byte> buffer);

    void Delete(string name);
}
