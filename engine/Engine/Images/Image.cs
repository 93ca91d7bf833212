using System.Buffers;
using System.Runtime.InteropServices;

namespace MrfAd.Engine.Images;

/// <summary>
/// Pixels [H, W, C]: row-major, interleaved, tightly packed; C is 1 (grey) or 3 (RGB); samples are 8 or 16 bit unsigned, full range.
/// The memory comes from a pool: dispose an image when its last reader is done with it.
/// </summary>
public sealed class Image : IDisposable
{
    private byte[]? _pixels;

    /// <summary>Makes an image whose samples are anything: what an earlier image has left in memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, or C is neither 1 nor 3.</exception>
    public Image(int width, int height, int channels, PixelDepth depth = PixelDepth.Eight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "an image has 1 (grey) or 3 (RGB) channels");
        Width = width;
        Height = height;
        Channels = channels;
        Depth = depth;
        ByteCount = checked(width * height * channels * (int)depth);
        _pixels = ArrayPool<byte>.Shared.Rent(ByteCount);
    }

    public int Width { get; }

    public int Height { get; }

    public int Channels { get; }

    public PixelDepth Depth { get; }

    public int ByteCount { get; }

    /// <summary>All samples as bytes, [H·W·C·depth].</summary>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pixels is null, this);
            return _pixels.AsSpan(0, ByteCount);
        }
    }

    /// <summary>All samples of a 16-bit image, [H·W·C].</summary>
    public Span<ushort> Samples16 => Depth == PixelDepth.Sixteen
        ? MemoryMarshal.Cast<byte, ushort>(Bytes)
        : throw new InvalidOperationException("the image has 8-bit samples");

    /// <summary>Describes the image for messages, e.g. "900x900 RGB 8 bit".</summary>
    public override string ToString() => $"{Width}x{Height} {(Channels == 1 ? "grey" : "RGB")} {8 * (int)Depth} bit";

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _pixels, null) is { } pixels)
            ArrayPool<byte>.Shared.Return(pixels);
    }
}
