using System.Formats.Tar;
using System.IO.Compression;
using MrfAd.Platform;
using MrfAd.Station.Updates;

namespace MrfAd.Cli.Upgrades;

/// <summary>
/// Reads the tar.gz of a package: files and folders in one folder. A link, a device, an absolute path or one that leads out is refused, as no package has one;
/// of the modes only that of executing is taken over.
/// </summary>
public static class PackageArchive
{
    /// <summary>Maximum size of all files of a package together.</summary>
    public const long MaxBytes = 8L << 30;

    private const int MaxEntries = 50_000, MaxDescriptionBytes = 4096;

    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Reads what is in a package, without unpacking it.</summary>
    /// <exception cref="UpdateRefusedException">It is no package; the text says why.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static PackageContents Inspect(string path, CancellationToken cancellation)
    {
        var (folder, bytes) = ("", 0L);
        ProgramDescription? description = null;
        foreach (var (top, name, entry) in Entries(path, MaxBytes, cancellation))
        {
            (folder, bytes) = (top, bytes + entry.Length);
            if (name == ProgramDescription.FileName && entry.Length <= MaxDescriptionBytes && entry.DataStream is { } stream)
                description = ProgramDescription.Parse(new StreamReader(stream).ReadToEnd());
        }

        return description is null ? throw new UpdateRefusedException($"{path} has no {ProgramDescription.FileName}: want a tar.gz that 'mrfad package' made") : new PackageContents(folder, bytes, description);
    }

    /// <summary>Unpacks a package, without its own folder, into a folder that is not there yet.</summary>
    /// <param name="maxBytes">Maximum size of all its files together.</param>
    /// <exception cref="UpdateRefusedException">It is no package, or larger; the text says why.</exception>
    /// <exception cref="IOException">It cannot be read, or the disk is full.</exception>
    public static void Unpack(string path, string folder, long maxBytes, CancellationToken cancellation)
    {
        MakeFolder(folder);
        foreach (var (_, name, entry) in Entries(path, maxBytes, cancellation))
        {
            var target = Path.Combine(folder, name);
            if (entry.EntryType == TarEntryType.Directory)
            {
                MakeFolder(target);
                continue;
            }

            MakeFolder(Path.GetDirectoryName(target)!);
            using var file = UserFiles.Open(target, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
            entry.DataStream?.CopyTo(file);
            // Whatever the umask is: the user of the service reads it.
            UserFiles.Access(target, () => File.SetUnixFileMode(file.SafeFileHandle, entry.Mode.HasFlag(UnixFileMode.UserExecute) ? Readable | Executable : Readable));
        }
    }

    private static void MakeFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        UserFiles.CreateFolder(path);
        UserFiles.Access(path, () => File.SetUnixFileMode(path, Readable | Executable));
    }

    /// <returns>The name of the package's folder and the name within it, which is empty for the folder itself.</returns>
    private static IEnumerable<(string Top, string Name, TarEntry Entry)> Entries(string path, long maxBytes, CancellationToken cancellation)
    {
        using var file = UserFiles.OpenRead(path);
        using var tar = new TarReader(new GZipStream(file, CompressionMode.Decompress));
        var (top, bytes, count) = ("", 0L, 0);
        while (Next(tar, path) is { } entry)
        {
            cancellation.ThrowIfCancellationRequested();
            var parts = entry.Name.TrimEnd('/').Split('/');
            top = count == 0 ? parts[0] : top;
            bytes += entry.Length;
            var fault =
                entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.Directory) ? $"it is of the kind {entry.EntryType}, want files and folders"
                : parts.Any(part => part is "" or "." or ".." || part.Contains('\0')) || parts[0] != top ? $"want a path below one folder"
                : bytes > maxBytes || ++count > MaxEntries ? $"with it there are more than {maxBytes} bytes or {MaxEntries} entries"
                : null;
            if (fault is not null)
                throw new UpdateRefusedException($"{path}: the entry '{entry.Name}' is refused: {fault}");
            yield return (top, string.Join('/', parts[1..]), entry);
        }
    }

    private static TarEntry? Next(TarReader tar, string path)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new UpdateRefusedException($"{path} is no tar.gz: {e.Message}", e);
        }
    }
}
