using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MrfAd.Platform;

/// <summary>
/// Tells regular files from what has a file's name and is none: a FIFO, whose opening waits for a writer and may never return, a device, which may have no end, and
/// a socket. Links are followed.
/// </summary>
public static partial class RegularFile
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeWanted = 1; // STATX_TYPE
    private const int StatusBytes = 256, ModeOffset = 28; // struct statx, the same on all processors
    private const int TypeMask = 0xF000, Fifo = 0x1000, CharacterDevice = 0x2000, BlockDevice = 0x6000, Socket = 0xC000; // S_IFMT and its values

    /// <summary>Checks the file at a path before it is opened; a path without a file, or with a folder, passes, since opening it fails with a reason of its own.</summary>
    /// <exception cref="IOException">It is a FIFO, a device or a socket; the message names it.</exception>
    public static void Check(string path)
    {
        if (Kind(path) is { } kind)
            throw new IOException($"{path}: want a regular file, got {kind}");
    }

    /// <returns>A noun phrase for what is at the path in place of a regular file; null for a regular file, a folder, and where there is nothing.</returns>
    public static string? Kind(string path) => (Mode(path) & TypeMask) switch
    {
        Fifo => "a FIFO (a named pipe)",
        CharacterDevice => "a character device",
        BlockDevice => "a block device",
        Socket => "a socket",
        _ => null,
    };

    private static int Mode(string path)
    {
        // A path with a NUL would be cut there; opening it fails.
        if (!OperatingSystem.IsLinux() || path.Contains('\0', StringComparison.Ordinal))
            return 0;
        Span<byte> status = stackalloc byte[StatusBytes];
        return statx(CurrentFolder, path, 0, TypeWanted, ref MemoryMarshal.GetReference(status)) == 0 ? BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..]) : 0;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte status);
}
