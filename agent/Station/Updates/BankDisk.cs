using MrfAd.Platform;

namespace MrfAd.Station.Updates;

/// <summary>The disk operations of an update, virtual so that tests can simulate a full or failing disk.</summary>
public class BankDisk
{
    /// <summary>Returns the free space of the disk in bytes.</summary>
    public virtual long FreeBytes(string folder) => UserFiles.Access(folder, () => new DriveInfo(folder).AvailableFreeSpace);

    /// <summary>Opens a file for reading and writing, and creates it if it does not exist.</summary>
    public virtual Stream OpenToWrite(string path) => UserFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, 0);

    /// <summary>Writes a file to the disk, so that it survives a power loss.</summary>
    public virtual void Sync(Stream file) => ((FileStream)file).Flush(flushToDisk: true);

    /// <summary>Writes and syncs a small file atomically.</summary>
    public virtual void Write(string path, byte[] bytes) => AtomicFile.Write(path, bytes);

    /// <summary>Renames a synced file within its folder; the name survives a power loss.</summary>
    public virtual void Rename(string path, string name) => AtomicFile.Rename(path, name);

    public virtual void Delete(string path) => UserFiles.Delete(path);
}
