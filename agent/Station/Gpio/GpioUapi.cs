using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace MrfAd.Station.Gpio;

/// <summary>
/// Version 2 of the kernel's interface to GPIO lines, as in linux/gpio.h (since Linux 5.10): the structures, their sizes and the requests. The kernel
/// keeps it stable, whichever libgpiod a distribution has.
/// </summary>
public static unsafe partial class GpioUapi
{
    public const uint GetChipInfo = Read | (uint)ChipInfo.Size << 16 | 0xB401;
    public const uint GetLineInfo = Read | Write | (uint)LineInfo.Size << 16 | 0xB405;
    public const uint GetLine = Read | Write | (uint)LineRequest.Size << 16 | 0xB407;
    public const uint SetLineValues = Read | Write | (uint)LineValues.Size << 16 | 0xB40F;

    private const uint Write = 1u << 30; // _IOC_WRITE
    private const uint Read = 2u << 30; // _IOC_READ

    /// <summary>The flags of a line: whether it is used, and how it is requested.</summary>
    [Flags]
    public enum LineModes : ulong
    {
        Used = 1,
        ActiveLow = 1 << 1,
        Input = 1 << 2,
        Output = 1 << 3,
        EdgeRising = 1 << 4,
    }

    /// <summary>A chip's name, such as gpiochip0, its label, such as pinctrl-bcm2711, and its number of lines.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Size)]
    public struct ChipInfo
    {
        public const int Size = 68;

        [FieldOffset(0)] public fixed byte Name[32];
        [FieldOffset(32)] public fixed byte Label[32];
        [FieldOffset(64)] public uint Lines;
    }

    /// <summary>A line's name on the board, and its user.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Size)]
    public struct LineInfo
    {
        public const int Size = 256;

        [FieldOffset(0)] public fixed byte Name[32];
        [FieldOffset(32)] public fixed byte Consumer[32];
        [FieldOffset(64)] public uint Offset;
        [FieldOffset(72)] public LineModes Flags;
    }

    /// <summary>A request for lines, which the kernel answers with a file for them. The attributes between the fields are not used.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Size)]
    public struct LineRequest
    {
        public const int Size = 592;

        [FieldOffset(0)] public uint FirstOffset;
        [FieldOffset(256)] public fixed byte Consumer[32];
        [FieldOffset(288)] public LineModes Flags;
        [FieldOffset(560)] public uint Lines;
        [FieldOffset(564)] public uint EventBufferSize;
        [FieldOffset(588)] public int File;
    }

    /// <summary>The values of the lines of a request, one bit each with the first line lowest, and the mask of the bits that are set.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Size)]
    public struct LineValues
    {
        public const int Size = 16;

        [FieldOffset(0)] public ulong Bits;
        [FieldOffset(8)] public ulong Mask;
    }

    /// <summary>An edge, in nanoseconds of the monotonic clock.</summary>
    [StructLayout(LayoutKind.Explicit, Size = Size)]
    public struct LineEvent
    {
        public const int Size = 48;

        [FieldOffset(0)] public ulong TimestampNs;
        [FieldOffset(8)] public uint Id;
        [FieldOffset(12)] public uint Offset;
        [FieldOffset(16)] public uint Sequence;
    }

    /// <summary>A file descriptor and the events to wait for (struct pollfd).</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Poll
    {
        public const short In = 1;
        public const short Gone = 8 | 16; // POLLERR, POLLHUP

        public int File;
        public short Wanted;
        public short Got;
    }

    /// <returns>The text of a zero-terminated field of up to 32 bytes.</returns>
    public static string Text(byte* field) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(field));

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(SafeFileHandle file, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Wait(Poll* files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Take(SafeFileHandle file, void* buffer, nuint size);
}
