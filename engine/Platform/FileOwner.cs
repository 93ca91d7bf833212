using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MrfAd.Platform;

/// <summary>The owners of files and folders.</summary>
public static partial class FileOwner
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeModeAndOwner = 0x1B; // STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID
    private const uint OthersMayWrite = 0b000_010_010, IsSticky = 0b1_000_000_000;

    /// <summary>The user of this process.</summary>
    public static uint CurrentUser => geteuid();

    /// <returns>The numbers of the user and of the group that own it; a link counts as what it leads to.</returns>
    /// <exception cref="IOException">It does not exist, or cannot be looked at.</exception>
    public static (uint User, uint Group) Of(string path)
    {
        var (user, group, _) = Look(path);
        return (user, group);
    }

    /// <summary>Finds what would let somebody else than root and the user of this process put another file in the place of this one.</summary>
    /// <returns>The path itself or a folder above it, also above what a link leads to, that others own or may write; null where there is none.</returns>
    /// <exception cref="IOException">It does not exist, or cannot be looked at.</exception>
    public static string? ChangeableByOthers(string path)
    {
        var real = realpath(path, 0) ?? throw new IOException($"{path} cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}");
        return Above(Path.GetFullPath(path)).Concat(Above(real)).FirstOrDefault(IsChangeable);
    }

    private static bool IsChangeable(string path)
    {
        var (user, _, mode) = Look(path);
        // Of a sticky folder, such as /tmp, nobody may rename or delete another user's files.
        return (user != 0 && user != CurrentUser) || ((mode & OthersMayWrite) != 0 && (mode & IsSticky) == 0);
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var at = path; at is not null; at = Path.GetDirectoryName(at))
            yield return at;
    }

    // statx(2), as its structure is the same on every processor.
    private static (uint User, uint Group, uint Mode) Look(string path)
    {
        Span<byte> status = stackalloc byte[256];
        if (statx(CurrentFolder, path, 0, TypeModeAndOwner, ref MemoryMarshal.GetReference(status)) != 0)
            throw new IOException($"{path} cannot be looked at: {Marshal.GetLastPInvokeErrorMessage()}");
        return (BinaryPrimitives.ReadUInt32LittleEndian(status[20..]), BinaryPrimitives.ReadUInt32LittleEndian(status[24..]), BinaryPrimitives.ReadUInt16LittleEndian(status[28..]));
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial string? realpath(string path, nint resolved);
}
