namespace MrfAd.Station.Outbox;

/// <summary>A folder of append-only files: the one seam between a log and the disk. All names are plain file names.</summary>
public interface ILogFolder
{
    /// <summary>Names in ordinal order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Makes an empty file; its name survives a power loss once <see cref="ILogFile.Sync"/> has returned.</summary>
    /// <exception cref="IOException">No room, no such folder, or it is there already.</exception>
    ILogFile Create(string name);

    byte[] Read(string name);

    /// <param name="buffer">Filled as far as the file reaches.</param>
    /// <returns>How much was read.</returns>
    /// <exception cref="IOException">It is gone, or cannot be read.</exception>
    int Read(string name, long offset, Span<byte> buffer);

    void Delete(string name);
}
