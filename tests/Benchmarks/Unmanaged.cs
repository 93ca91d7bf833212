using System.Runtime.InteropServices;

namespace MrfAd.Benchmarks;

/// <summary>Bytes outside the managed heap.</summary>
internal sealed unsafe class Unmanaged(long bytes) : IDisposable
{
    public byte* Start { get; } = (byte*)NativeMemory.Alloc((nuint)bytes);

    public void Dispose() => NativeMemory.Free(Start);
}
