using System.Runtime.InteropServices;

namespace MrfAd.Engine.Search;

/// <summary>A buffer of floats outside the managed heap, aligned to a cache line; it grows and never shrinks.</summary>
internal sealed unsafe class NativeFloats : IDisposable
{
    private long _length;

    public NativeFloats(long length = 0) => Require(length);

    ~NativeFloats() => NativeMemory.AlignedFree(Start);

    public float* Start { get; private set; }

    /// <summary>Makes the buffer at least as long; its values are lost where it grows.</summary>
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

    /// <summary>All values, of which there must be fewer than 2³¹.</summary>
    public Span<float> All => new(Start, checked((int)_length));

    /// <summary>Returns the values from <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/>.</summary>
    public Span<float> Slice(long start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + length, _length);
        return new Span<float>(Start + start, length);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
        _length = 0;
        GC.SuppressFinalize(this);
    }
}
