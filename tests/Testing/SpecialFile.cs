using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace MrfAd.Testing;

/// <summary>Makes what has a file's name and hangs whoever opens or reads it.</summary>
public static partial class SpecialFile
{
    private const int SetSignal = 10, SetLease = 1024, WriteLease = 1; // F_SETSIG, F_SETLEASE, F_WRLCK
    private const int IgnoredSignal = 23; // SIGURG: SIGIO, which tells the holder of a lease that somebody waits, would end this process
    private const uint OwnerMayAll = 0x1C0, Socket = 0xC000; // 0700, S_IFSOCK

    /// <summary>Makes a FIFO, whose opening waits for a writer.</summary>
    /// <returns>The path.</returns>
    public static string Fifo(string path)
    {
        Assert.Equal(0, mkfifo(path, OwnerMayAll));
        return path;
    }

    /// <summary>Makes a link to a device that has no end.</summary>
    /// <returns>The path of the link.</returns>
    public static string EndlessDevice(string path)
    {
        File.CreateSymbolicLink(path, "/dev/zero");
        return path;
    }

    /// <summary>Makes the file of a Unix socket.</summary>
    /// <returns>The path.</returns>
    public static string SocketFile(string path)
    {
        Assert.Equal(0, mknod(path, Socket | OwnerMayAll, 0));
        return path;
    }

    /// <summary>Takes a lease on a regular file: while it is held, others wait in opening the file, as they do for a file on a network share that hangs, for up to 45 s.</summary>
    /// <returns>The open file, whose disposal ends the waits.</returns>
    public static SafeFileHandle Lease(string path)
    {
        var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        Assert.Equal(0, fcntl((int)file.DangerousGetHandle(), SetSignal, IgnoredSignal));
        Assert.SkipUnless(fcntl((int)file.DangerousGetHandle(), SetLease, WriteLease) == 0, "this file system has no leases");
        return file;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mkfifo(string path, uint mode);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);

    [LibraryImport("libc")]
    private static partial int fcntl(int file, int command, int argument);
}
