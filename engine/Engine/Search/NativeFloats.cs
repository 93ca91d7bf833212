using System.Runtime.InteropServices;

namespace MrfAd.Engine.Search;

/// <summary>Floats outside the managed heap, aligned to a cache line; grows, never shrinks.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    private long _length;

    public NativeFloats(long length = 0) => Require(length);

    ~NativeFloats() => NativeMemory.AlignedFree(Start);

    public float* Start { get; private set; }

    /// <summary>Room for so many; what was there is lost where it grows.</summary>
    public float* Require(long length)
    {
        if (length > _length)
        {
            NativeMemory.AlignedFree(Start);
            Start = null;
            Start = (float*)NativeMemory.AlignedAlloc(checked((nuint)(length * sizeof(float))), 64);
            _length = length;
        }

        return Start;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
        _length = 0;
        GC.SuppressFinalize(this);
    }
}
