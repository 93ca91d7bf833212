using Microsoft.Win32.SafeHandles;

namespace MrfAd.Platform;

/// <summary>
/// Files and folders that a user named, or that hold the state. An access that is not permitted is an <see cref="IOException"/> whose message names the
/// path, as any other failure of a disk: nothing else needs to know <see cref="UnauthorizedAccessException"/>. What is read is a regular file of a limited size:
/// a FIFO or a device would hang the reader, or never end.
/// </summary>
public static class UserFiles
{
    // Far above any configuration, key, list or table.
    private const long MaxTextBytes = 64 << 20;

    // Far above any picture or document that is read as a whole; models are mapped.
    private const long MaxBytes = 1 << 30;

    /// <param name="maxBytes">The size of the largest file that is read.</param>
    /// <exception cref="IOException">It cannot be read, is no regular file, or is larger; the message names it.</exception>
    public static byte[] ReadBytes(string path, long maxBytes = MaxBytes) => AccessFile(path, () =>
    {
        Check(path, maxBytes);
        return File.ReadAllBytes(path);
    });

    /// <inheritdoc cref="ReadBytes"/>
    public static string ReadText(string path, long maxBytes = MaxTextBytes) => AccessFile(path, () =>
    {
        Check(path, maxBytes);
        return File.ReadAllText(path);
    });

    /// <inheritdoc cref="ReadBytes"/>
    public static string[] ReadLines(string path) => AccessFile(path, () =>
    {
        Check(path, MaxTextBytes);
        return File.ReadAllLines(path);
    });

    /// <exception cref="IOException">It cannot be read, or is no regular file; the message names it.</exception>
    public static FileStream OpenRead(string path) => AccessFile(path, () =>
    {
        RegularFile.Check(path);
        return File.OpenRead(path);
    });

    /// <exception cref="IOException">The file cannot be opened in this mode, or is to be read and no regular file; the message names it.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share = FileShare.Read, int bufferSize = 4096) => AccessFile(path, () =>
    {
        CheckToRead(path, access);
        return new FileStream(path, mode, access, share, bufferSize);
    });

    /// <inheritdoc cref="Open(string, FileMode, FileAccess, FileShare, int)"/>
    public static FileStream Open(string path, FileStreamOptions options) => AccessFile(path, () =>
    {
        CheckToRead(path, options.Access);
        return new FileStream(path, options);
    });

    /// <inheritdoc cref="Open(string, FileMode, FileAccess, FileShare, int)"/>
    public static SafeFileHandle OpenHandle(string path, FileMode mode = FileMode.Open, FileAccess access = FileAccess.Read, FileShare share = FileShare.Read) =>
        AccessFile(path, () =>
        {
            CheckToRead(path, access);
            return File.OpenHandle(path, mode, access, share);
        });

    /// <exception cref="IOException">It cannot be written; the message names it.</exception>
    public static void WriteBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = Open(path, FileMode.Create, FileAccess.Write, bufferSize: 0);
        file.Write(bytes);
    }

    /// <inheritdoc cref="WriteBytes"/>
    public static void WriteText(string path, string text) => AccessFile(path, () => File.WriteAllText(path, text));

    /// <inheritdoc cref="WriteBytes"/>
    public static void WriteLines(string path, IEnumerable<string> lines) => AccessFile(path, () => File.WriteAllLines(path, lines));

    /// <exception cref="IOException">It cannot be renamed; the message names the new path.</exception>
    public static void Move(string from, string to) => Access(to, () => File.Move(from, to, overwrite: true));

    /// <summary>Deletes a file, if there is one.</summary>
    /// <exception cref="IOException">It cannot be deleted; the message names it.</exception>
    public static void Delete(string path) => AccessFile(path, () => File.Delete(path));

    /// <summary>Makes a folder, and those above it, where they are absent.</summary>
    /// <exception cref="IOException">It cannot be made; the message names it.</exception>
    public static void CreateFolder(string path) => Access(path, () => Directory.CreateDirectory(path));

    /// <summary>Deletes a folder with all that is in it.</summary>
    /// <exception cref="IOException">Some of it cannot be deleted.</exception>
    public static void DeleteFolder(string path) => Access(path, () => Directory.Delete(path, recursive: true));

    /// <returns>The paths of a folder's files, in no order.</returns>
    /// <exception cref="IOException">It cannot be listed; the message names it.</exception>
    public static string[] Files(string folder, string pattern = "*", SearchOption depth = SearchOption.TopDirectoryOnly) =>
        Access(folder, () => Directory.GetFiles(folder, pattern, depth));

    /// <returns>The paths of the folders in a folder, in no order.</returns>
    /// <inheritdoc cref="Files"/>
    public static string[] Folders(string folder) => Access(folder, () => Directory.GetDirectories(folder));

    /// <returns>The paths of a folder's files and folders, in no order.</returns>
    /// <inheritdoc cref="Files"/>
    public static string[] Entries(string folder) => Access(folder, () => Directory.GetFileSystemEntries(folder));

    /// <summary>Runs any other access to a file or folder.</summary>
    /// <exception cref="IOException">It is not permitted; the message names the path.</exception>
    public static T Access<T>(string path, Func<T> access)
    {
        try
        {
            return access();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path}: permission denied", e);
        }
    }

    /// <inheritdoc cref="Access{T}"/>
    public static void Access(string path, Action access) => Access(path, () =>
    {
        access();
        return true;
    });

    /// <summary>A file that is only written may be a device or a pipe, such as <c>/dev/stdout</c>.</summary>
    private static void CheckToRead(string path, FileAccess access)
    {
        if (access.HasFlag(FileAccess.Read))
            RegularFile.Check(path);
    }

    private static void Check(string path, long maxBytes)
    {
        RegularFile.Check(path);
        using var file = File.OpenHandle(path);
        if (RandomAccess.GetLength(file) is var length && length > maxBytes)
            throw new IOException($"{path} has {length} bytes, want at most {maxBytes}");
    }

    private static void AccessFile(string path, Action access) => AccessFile(path, () =>
    {
        access();
        return true;
    });

    private static T AccessFile<T>(string path, Func<T> access)
    {
        try
        {
            return Access(path, access);
        }
        catch (IOException e) when (e.InnerException is UnauthorizedAccessException && Directory.Exists(path))
        {
            throw new IOException($"{path}: want a file, got a folder", e.InnerException); // .NET takes it for one that is not permitted
        }
    }
}
