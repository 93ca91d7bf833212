using System.Runtime.InteropServices;

namespace MrfAd.Platform;

/// <summary>Writes files atomically, also across a power cut: a temporary file in the same folder is written, synced and renamed, and the folder is synced.</summary>
public static partial class AtomicFile
{
    private const int ReadOnly = 0; // O_RDONLY

    /// <exception cref="IOException">The disk is full or not writable; a file that was there before is untouched and no part of the new one is left.</exception>
    public static void Write(string path, Action<FileStream> write) => Write(path, write, temporary => Rename(temporary, path));

    public static void Write(string path, byte[] bytes) => Write(path, file => file.Write(bytes));

    /// <summary>Writes a file that is not there yet; one that has come meanwhile is left as it is.</summary>
    /// <param name="mode">The mode of the file from its first byte on; null leaves it to the process's umask.</param>
    /// <returns>False where there is a file or folder of this name.</returns>
    /// <inheritdoc cref="Write(string, Action{FileStream})"/>
    public static bool TryCreate(string path, byte[] bytes, UnixFileMode? mode = null)
    {
        if (Path.Exists(path))
            return false;
        try
        {
            Write(path, file => file.Write(bytes), temporary =>
            {
                UserFiles.Access(path, () => File.Move(temporary, path, overwrite: false));
                SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
            }, mode);
            return true;
        }
        catch (IOException) when (Path.Exists(path))
        {
            return false;
        }
    }

    private static void Write(string path, Action<FileStream> write, Action<string> rename, UnixFileMode? mode = null)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        UserFiles.CreateFolder(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        try
        {
            UserFiles.Delete(temporary); // left by a process of the same number that was killed, perhaps with another mode
            using (var file = UserFiles.Open(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 20, UnixCreateMode = mode }))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }

            rename(temporary);
        }
        catch
        {
            UserFiles.Delete(temporary);
            throw;
        }
    }

    /// <summary>Renames a synced file within its folder, so that it keeps the new name across a power cut.</summary>
    public static void Rename(string from, string to)
    {
        UserFiles.Move(from, to);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Makes a symbolic link, or lets the one that is there lead elsewhere: at any moment it leads to the old place or to the new one.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static void Link(string path, string target)
    {
        var temporary = path + ".new";
        UserFiles.Delete(temporary);
        UserFiles.Access(temporary, () => File.CreateSymbolicLink(temporary, target));
        // .NET does not rename a link that leads to a folder.
        if (rename(temporary, path) != 0)
            throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}");
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Syncs a folder: a rename is on disk only when the folder is.</summary>
    private static void SyncFolder(string folder)
    {
        var handle = open(folder, ReadOnly);
        if (handle < 0)
            return; // a folder that may be written but not read: the rename is still atomic
        _ = fsync(handle);
        _ = close(handle);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rename(string from, string to);

    [LibraryImport("libc")]
    private static partial int fsync(int handle);

    [LibraryImport("libc")]
    private static partial int close(int handle);
}
