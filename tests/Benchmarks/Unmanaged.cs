using System.Runtime.InteropServices;

namespace MrfAd.Benchmarks;

/// <summary>A block of unmanaged memory.</summary>
internal sealed unsafe class Unmanaged(long bytes) : IDisposable
{
    public byte* Start { get; } = (byte*)NativeMemory.Alloc((nuint)bytes);

    public void Dispose() => NativeMemory.Free(Start);
}
