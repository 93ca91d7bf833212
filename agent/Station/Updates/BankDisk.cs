using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>What an update asks of the disk; the one seam for tests of a full or failing one.</summary>
public class BankDisk
{
    /// <returns>Bytes that may still be written.</returns>
    public virtual long FreeBytes(string folder) => UserFiles.Access(folder, () => new DriveInfo(folder).AvailableFreeSpace);

    /// <summary>Opens to write at the end, reading allowed.</summary>
    public virtual Stream OpenToWrite(string path) => UserFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 0);

    /// <summary>What was written survives a power cut.</summary>
    public virtual void Sync(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    /// <summary>A small file, whole or not at all, synced.</summary>
    public virtual void Write(string path, byte[] bytes) => AtomicFile.Write(path, bytes);

    /// <summary>A synced file gets another name in the same folder, and keeps it over a power cut.</summary>
    public virtual void Rename(string path, string name) => AtomicFile.Rename(path, name);

    public virtual void Delete(string path) => UserFiles.Delete(path);
}
