using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MrfAd.Platform;

namespace MrfAd.Station.Outbox;

/// <summary>A folder of the file system, which is created if it does not exist.</summary>
public sealed partial class DiskFolder : ILogFolder
{
    private readonly string _path;

    /// <exception cref="IOException">The folder cannot be created.</exception>
    public DiskFolder(string path)
    {
        _path = path;
        UserFiles.CreateFolder(path);
    }

    public IReadOnlyList<string> List() => [.. UserFiles.Files(_path).Select(Path.GetFileName).Order(StringComparer.Ordinal)!];

    public ILogFile Create(string name) =>
        new DiskFile(UserFiles.OpenHandle(Path.Combine(_path, name), FileMode.CreateNew, FileAccess.Write, FileShare.Read | FileShare.Delete), SyncNames);

    public byte[] Read(string name) => UserFiles.ReadBytes(Path.Combine(_path, name));

    public int Read(string name, long offset, Span<byte> buffer)
    {
        using var file = UserFiles.OpenHandle(Path.Combine(_path, name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = 0;
        while (read < buffer.Length && RandomAccess.Read(file, buffer[read..], offset + read) is var count and > 0)
            read += count;
        return read;
    }

    public void Delete(string name) => UserFiles.Delete(Path.Combine(_path, name));

    // A new file's name is on disk once its folder is synced, and .NET cannot open a folder.
    private void SyncNames()
    {
        using var folder = Open(_path, flags: 0);
        if (folder.IsInvalid || Sync(folder) != 0)
            throw new IOException($"the folder '{_path}' cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle file);

    private sealed class DiskFile(SafeFileHandle handle, Action syncNames) : ILogFile
    {
        private long _length;
        private bool _named;

        public void Append(ReadOnlySpan<byte> bytes)
        {
            RandomAccess.Write(handle, bytes, _length);
            _length += bytes.Length;
        }

        public void Sync()
        {
            if (DiskFolder.Sync(handle) != 0)
                throw new IOException($"the disk could not be synced: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());
            if (!_named)
                syncNames();
            _named = true;
        }

        public void Dispose() => handle.Dispose();
    }
}
